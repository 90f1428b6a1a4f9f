// docs/compatibility.md is what the rows say, and the rows are well formed.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildFlags } from '../../src/cli/commands/build-flags.ts';
import { foreignFlags } from '../../src/cli/commands/foreign-flags.ts';
import { documentPath } from './document-path.ts';
import { readRefusals, refusedProbes } from './refusals.ts';
import { renderDocument } from './render.ts';
import { sections } from './sections.ts';

const test = suite('compatibility');
const refusals = readRefusals();
const rows = sections.flatMap((section) => section.rows);

test('the document is what the rows say: else npm run docs:update', () => {
  assert.ok(
    readFileSync(documentPath, 'utf8') === renderDocument(sections, refusals),
    'docs/compatibility.md is stale',
  );
});

test('names are for links, and each is given once', () => {
  const slugs = [...sections, ...rows].map(({ slug }) => slug);
  for (const slug of slugs) assert.match(slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  assert.equal(
    slugs.filter((slug, i) => slugs.indexOf(slug) !== i),
    [],
  );
});

test('whatever is not supported quotes the error that says so', () => {
  const refuses = (row: (typeof rows)[number]): boolean => 'unproven' in row || refusedProbes(row).length > 0;
  assert.equal(
    rows.filter((row) => row.status === 'no' && !refuses(row)).map(({ slug }) => slug),
    [],
  );
});

test('the words of every refusal are known', () => {
  const lacking = rows.filter((row) => (refusals[row.slug] ?? []).length !== refusedProbes(row).length);
  assert.equal(
    lacking.map(({ slug }) => slug),
    [],
  );
});

test('what build takes itself is not refused as a flag of others', () => {
  const own = new Set<string>(buildFlags.map(({ name }) => name));
  const both = foreignFlags.map(({ name }): string => name).filter((name) => own.has(name));
  assert.equal(both, [], 'take these out of src/cli/commands/foreign-flags.ts');
});

test('what is partly supported says what is not', () => {
  assert.equal(
    rows.filter((row) => row.status === 'partly' && row.note === undefined).map(({ slug }) => slug),
    [],
  );
});

test.run();
