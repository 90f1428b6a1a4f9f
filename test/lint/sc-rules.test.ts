// Where the rules with ShellCheck's codes fire, by default and in place of hadolint.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../src/lint/lint-text.ts';
import { scRules } from '../../src/lint/rules/sc/index.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import { scCases } from './sc-cases.ts';

const test = suite('lint/sc-rules');

function placesOf(code: string, text: string, settings: LintSettings = {}): string[] {
  const whole = /^from /im.test(text) ? text : `FROM debian:12\n${text}`;
  return lintText(whole, 'Dockerfile', settings)
    .filter(({ rule }) => rule === code)
    .map(({ range: { start } }) => `${start.line}:${start.column}`);
}

for (const [code, { hits, clean }] of Object.entries(scCases)) {
  const show = JSON.stringify;
  for (const [text, ...places] of hits) {
    test(`${code}: ${show(text)} → ${places.join(' ')}`, () => assert.equal(placesOf(code, text), places));
    test(`${code} as hadolint: ${show(text)} → once`, () =>
      assert.is(placesOf(code, text, { compat: 'hadolint' }).length, 1));
  }
  for (const text of clean)
    test(`${code}: ${show(text)} → nothing`, () => assert.equal(placesOf(code, text), []));
  test(`${code} is found in what ONBUILD triggers`, () => {
    const [text, place] = hits.find(([one]) => /^RUN .*$/m.test(one)) ?? ['', ''];
    const [line, column] = place!.split(':').map(Number);
    assert.is(placesOf(code, text.replace(/^RUN /m, 'ONBUILD RUN '))[0], `${line}:${column! + 8}`);
  });
}

test('every rule has three hits and three texts without', () => {
  assert.equal(
    Object.keys(scCases).sort(),
    scRules.map(({ code }) => code),
  );
  for (const [code, { hits, clean }] of Object.entries(scCases))
    assert.ok(hits.length >= 3 && clean.length >= 3, code);
});

test.run();
