// Where the rules of our own fire, what mends them, and what turns them off.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixText } from '../../src/lint/fix-text.ts';
import { lintText } from '../../src/lint/lint-text.ts';
import { buildChecks } from '../../src/lint/rules/index.ts';
import { swRules } from '../../src/lint/rules/sw/index.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import { noted, swCases } from './sw-cases.ts';

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

test('a step that took long is told of once, with its time; one that is quick is not', () => {
  const text = 'FROM a:1\nWORKDIR /a\nCOPY . .\nRUN npm ci\n';
  const lint = (settings: LintSettings) =>
    lintText(text, 'Dockerfile', settings).filter(({ rule }) => ['SW001', 'SW013'].includes(rule));
  const history = noted({ 'RUN npm ci': 41.2 }, { RUN: 0, COPY: 312 });
  assert.equal(
    lint({ history }).map(({ message }) => message),
    [
      'npm ci in line 4 took 41 s, and runs again for each change of one of the 312 files that are copied here: copy package*.json above it and the rest below',
    ],
  );
  const codes = (settings: LintSettings) => lint(settings).map(({ rule }) => rule);
  assert.equal(codes({}), ['SW001']);
  assert.equal(codes({ history, slowStep: 60 }), ['SW001']);
  assert.equal(codes({ history, slowStep: 41 }), ['SW013']);
  assert.equal(codes({ history, severities: { SW013: 'off' } }), ['SW001']);
  assert.equal(codes({ history: noted({}, { RUN: 9.9, COPY: 1 }) }), ['SW001']);
});

test('nothing is asked of earlier builds where no step could be told of', () => {
  const history = {
    find: () => {
      throw new Error('asked');
    },
  };
  for (const text of ['FROM a:1\nRUN npm ci\n', 'FROM a:1\nCOPY . /a\nRUN make\n', 'FROM a:1\nCOPY . /a\n'])
    assert.not(lintText(text, 'Dockerfile', { history }).some(({ rule }) => rule === 'SW013'));
});

test.run();
