// SARIF logs against the whole JSON schema of SARIF 2.1.0, as a package for tests of such logs ships it.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../../src/lint/lint-text.ts';
import type { LintedFile, ReportOptions } from '../../../src/lint/report/report.ts';
import { sarif } from '../../../src/lint/report/sarif.ts';
import { ruleSummaries } from '../../../src/lint/rule-summaries.ts';
import { generateText } from '../generate-text.ts';

const test = suite('lint SARIF schema');

const options: ReportOptions = {
  compat: undefined,
  color: false,
  version: '1.2.3',
  rules: ruleSummaries,
  page: (code) => `# ${code}\n`,
  harmless: (text) => text,
};

const path = createRequire(import.meta.url).resolve(
  '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
);
// It is of draft 4, all of whose keywords that it uses mean the same today; one of its patterns is none in Unicode mode.
const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(path, 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
const validate = ajv.compile(schema);

function mistakes(files: readonly LintedFile[]): unknown[] {
  return validate(JSON.parse(sarif(files, options))) ? [] : validate.errors!;
}

const fileOf = (name: string, text: string): LintedFile => ({ name, text, findings: lintText(text, name) });
const fixtures = resolve(import.meta.dirname, '../../../fixtures/lint');

test('logs of all fixtures are valid', () => {
  const names = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /Dockerfile$/.test(name),
  );
  assert.ok(names.length > 40);
  const files = names.map((name) => fileOf(name, readFileSync(join(fixtures, name), 'utf8')));
  assert.equal(mistakes(files), []);
  assert.equal(mistakes([]), []);
});

test('logs of strange names and of spoilt files are valid', () => {
  const names = [
    'a b/ü#?%.Dockerfile',
    '/abs/Dockerfile',
    'c:d',
    './x',
    '-',
    '\x1b[2J\n\ud800',
    '..',
    '//x/y',
  ];
  assert.equal(mistakes(names.map((name) => fileOf(name, 'FROM a\nNOPE\nRUN apt-get install b\n'))), []);
  const spoilt = Array.from({ length: 60 }, (_, seed) => fileOf(`${seed}`, generateText(seed)));
  assert.equal(mistakes(spoilt), []);
});

test('the schema finds what is wrong', () => {
  const document = JSON.parse(sarif([fileOf('Dockerfile', 'FROM a\nNOPE\n')], options));
  document.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0;
  document.runs[0].results[1].extra = 1;
  assert.not.ok(validate(document));
  assert.is(validate.errors!.length, 2);
});

test.run();
