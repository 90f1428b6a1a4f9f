// docs/security.md says what the ladder is, and has the sections that others name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { top } from '../support/cli.ts';
import { attemptTable, writtenAttempts } from './attempt-table.ts';
import { ladderTable, writtenTable } from './ladder-table.ts';

const test = suite('docs/security.md');
const text = readFileSync(join(top, 'docs/security.md'), 'utf8');

test('its tables are those of the ladder: npm run docs:update writes them', () => {
  assert.is(writtenTable(), ladderTable());
});

test('it lists every attempt of the suite: npm run docs:update writes them', () => {
  assert.is(writtenAttempts(), attemptTable());
});

test('links lead to files that are there', () => {
  for (const page of ['docs/security.md', 'SECURITY.md']) {
    const links = [...readFileSync(join(top, page), 'utf8').matchAll(/\]\(([^)#]+)\)/g)];
    assert.ok(links.length > 0, page);
    for (const [, link = ''] of links) readFileSync(join(top, page, '..', link));
  }
});

test('each part of the threat model has a section', () => {
  for (const heading of [
    'Threat model',
    'The isolation ladder',
    'Rootless',
    'What a step cannot do',
    'Secrets',
  ])
    assert.match(text, new RegExp(`^## ${heading}$`, 'm'));
});

test.run();
