// SARIF: against the schema, and against the files that it is about.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyFixes } from '../../../src/lint/apply-fixes.ts';
import { lintText } from '../../../src/lint/lint-text.ts';
import type { LintedFile, ReportOptions } from '../../../src/lint/report/report.ts';
import { sarif } from '../../../src/lint/report/sarif.ts';
import { ruleSummaries } from '../../../src/lint/rule-summaries.ts';
import { sarifMistakes } from '../../support/sarif.ts';

const test = suite('lint SARIF');

const options: ReportOptions = {
  compat: undefined,
  color: false,
  version: '1.2.3',
  rules: ruleSummaries,
  page: (code) => (code === 'DL3008' ? '# DL3008\n\nIts page.\n' : undefined),
  harmless: (text) => text,
};

const fixtures = resolve(import.meta.dirname, '../../../fixtures/lint');
const fileOf = (name: string, text: string): LintedFile => ({ name, text, findings: lintText(text, name) });
const all = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('bad.Dockerfile'))
  .map((name) => fileOf(name, readFileSync(join(fixtures, name), 'utf8')));

const bad = 'FROM debian:12\nRUN apt-get install \\\n  curl\nNOPE\nCMD x\n';
const strangeNames = [
  'a b/ü#?%.Dockerfile',
  '/abs/Dockerfile',
  'c:d',
  './x/Dockerfile',
  '-',
  '\x1b[2J\n\ud800',
];
const strange = strangeNames.map((name) => fileOf(name, bad));

test('logs of all fixtures, and of files with strange names, keep to the schema', () => {
  assert.ok(all.length > 10);
  for (const files of [all, strange, []]) {
    const document = JSON.parse(sarif(files, options));
    assert.equal(sarifMistakes(document), []);
  }
});

test('the check finds what is wrong', () => {
  const document = JSON.parse(sarif([fileOf('Dockerfile', bad)], options));
  const [run] = document.runs;
  delete run.results[0].message;
  run.results[1].extra = 1;
  run.results[2].locations[0].physicalLocation.region.startColumn = 0;
  assert.is(sarifMistakes(document).length, 3);
});

test('paths are URIs', () => {
  const { runs } = JSON.parse(sarif(strange, options));
  const uris = runs[0].results.map(
    (one: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
      one.locations[0]!.physicalLocation.artifactLocation.uri,
  );
  assert.equal(
    [...new Set(uris)],
    [
      'a%20b/%C3%BC%23%3F%25.Dockerfile',
      'file:///abs/Dockerfile',
      './c:d',
      'x/Dockerfile',
      'stdin',
      '%1B%5B2J%0A%EF%BF%BD',
    ],
  );
});

test('each result names its rule, which is described, with its page', () => {
  const { runs } = JSON.parse(sarif([fileOf('Dockerfile', bad)], options));
  const { driver } = runs[0].tool;
  for (const { ruleId, ruleIndex } of runs[0].results) assert.is(driver.rules[ruleIndex].id, ruleId);
  const rule = driver.rules.find(({ id }: { id: string }) => id === 'DL3008');
  assert.match(rule.help.markdown, /Its page/);
  assert.is(rule.defaultConfiguration.level, 'warning');
});

test('regions are what the finding is about, and fixes mend it', () => {
  const file = fileOf('Dockerfile', bad);
  const { runs } = JSON.parse(sarif([file], options));
  const result = runs[0].results.find(({ ruleId }: { ruleId: string }) => ruleId === 'DL3008');
  const { startLine, startColumn, endLine, endColumn } = result.locations[0].physicalLocation.region;
  assert.equal([startLine, startColumn, endLine, endColumn], [3, 3, 3, 7]);
  const mended = runs[0].results.find(({ ruleId }: { ruleId: string }) => ruleId === 'DL3014');
  const [{ deletedRegion, insertedContent }] = mended.fixes[0].artifactChanges[0].replacements;
  const range = {
    start: { line: deletedRegion.startLine, column: deletedRegion.startColumn },
    end: { line: deletedRegion.endLine, column: deletedRegion.endColumn },
  };
  const edits = [{ range, text: insertedContent.text as string }];
  const { text } = applyFixes(bad, [{ safety: 'safe', title: '', edits }]);
  assert.match(text, /apt-get install -y/);
});

test('fingerprints are unique in a file, and stay when lines move', () => {
  const prints = (text: string): string[] =>
    JSON.parse(sarif([fileOf('Dockerfile', text)], options)).runs[0].results.map(
      (one: { partialFingerprints: Record<string, string> }) =>
        one.partialFingerprints['primaryLocationLineHash']!,
    );
  const before = prints(bad);
  assert.is(new Set(before).size, before.length);
  for (const print of before) assert.match(print, /^[0-9a-f]{16}:\d+$/);
  assert.equal(prints(`# moved\n\n${bad}`), before);
});

test.run();
