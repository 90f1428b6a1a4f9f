// docs/cache.md has the truth tables that the suite proves.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { editTable } from './edit-table.ts';
import { fileTable } from './file-table.ts';
import { pagePath, withTables } from './render.ts';

const test = suite('truth table document');

test('the tables are what the rows say: else npm run docs:update', () => {
  const page = readFileSync(pagePath, 'utf8');
  assert.ok(page === withTables(page), 'the truth tables of docs/cache.md are stale');
});

test('each row has a stage of its own', () => {
  for (const rows of [fileTable, editTable]) {
    const ids = rows.map(({ id }) => id);
    assert.equal(ids, [...new Set(ids)]);
  }
});

test.run();
