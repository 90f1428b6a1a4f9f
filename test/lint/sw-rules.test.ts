// Where the rules of our own fire, what mends them, and what turns them off.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixText } from '../../src/lint/fix-text.ts';
import { lintText } from '../../src/lint/lint-text.ts';
import { buildChecks } from '../../src/lint/rules/index.ts';
import { swRules } from '../../src/lint/rules/sw/index.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import { swCases } from './sw-cases.ts';

const test = suite('lint/sw-rules');

const withFrom = (text: string) => (/^from /im.test(text) ? text : `FROM debian:12\n${text}`);
const show = JSON.stringify;

function placesOf(code: string, text: string, settings: LintSettings): string[] {
  return lintText(withFrom(text), 'Dockerfile', settings)
    .filter(({ rule }) => rule === code)
    .map(({ range: { start } }) => `${start.line}:${start.column}`);
}

/** Only one rule, so that fixes of others leave the text alone. */
function alone(code: string): LintSettings {
  const others = lintTextCodes.filter((other) => other !== code);
  return { severities: Object.fromEntries(others.map((other) => [other, 'off' as const])) };
}
const lintTextCodes = [...swRules, ...buildChecks].map(({ code }) => code);

for (const [code, { hits, clean, fixes = [], settings = {} }] of Object.entries(swCases)) {
  for (const [text, ...places] of hits) {
    test(`${code}: ${show(text)} → ${places.join(' ')}`, () => {
      assert.equal(placesOf(code, text, settings), places);
      for (const compat of ['hadolint', 'buildkit'] as const)
        assert.equal(placesOf(code, text, { ...settings, compat }), []);
    });
  }
  for (const text of clean)
    test(`${code}: ${show(text)} → nothing`, () => assert.equal(placesOf(code, text, settings), []));
  for (const [before, after] of fixes) {
    test(`${code}: ${show(before)} becomes ${show(after)}`, () => {
      const options = { level: 'all' as const, settings: { ...settings, ...alone(code) } };
      assert.is(fixText(withFrom(before), 'Dockerfile', options).text, withFrom(after));
    });
  }
}

test('every rule has three hits and three texts without', () => {
  assert.equal(
    Object.keys(swCases),
    swRules.map(({ code }) => code),
  );
  for (const [code, { hits, clean }] of Object.entries(swCases))
    assert.ok(hits.length >= 3 && clean.length >= 3, code);
});

test("comments in either linter's words leave them out, by code or by name", () => {
  const text = (top: string, above = '') => `${top}FROM a:1\n${above}COPY .env /a/\n`;
  const codes = (whole: string) => lintText(whole, 'Dockerfile').map(({ rule }) => rule);
  assert.equal(codes(text('')), ['SW003']);
  assert.equal(codes(text('', '# hadolint ignore=SW003\n')), []);
  assert.equal(codes(text('', '# hadolint ignore=SecretCopied # it is empty\n')), []);
  assert.equal(codes(text('', '# check=skip=SW003\n')), []);
  assert.equal(codes(text('# check=skip=SecretCopied\n')), []);
  assert.equal(codes(text('# hadolint global ignore=SW003\n')), []);
  assert.equal(codes(text('', '# check=skip=SW004\n')), ['SW003']);
  assert.is(lintText(text('# check=skip=all\n'), 'Dockerfile', { noPragmas: true }).length, 1);
});

test('what lies in the context counts only where it is known', () => {
  const codes = (ignorePatterns: readonly string[] | undefined) =>
    lintText('FROM a:1\nCOPY . /a\n', 'Dockerfile', { ignorePatterns }).map(({ rule }) => rule);
  assert.equal(codes([]), ['SW002']);
  assert.equal(codes(undefined), []);
  assert.equal(codes(['.git']), []);
});

test.run();
