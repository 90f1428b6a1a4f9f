// Where the rules with hadolint's codes fire, by default and in place of hadolint.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintText } from '../../src/lint/lint-text.ts';
import { dlRules } from '../../src/lint/rules/dl/index.ts';
import type { LintSettings } from '../../src/lint/settings.ts';
import { compatCases } from './compat-cases.ts';
import { dlCases } from './dl-cases.ts';

const test = suite('lint/dl-rules');

const withFrom = (text: string) => (/^from /im.test(text) ? text : `FROM debian:12\n${text}`);

function placesOf(code: string, text: string, settings: LintSettings = {}): string[] {
  return lintText(withFrom(text), 'Dockerfile', settings)
    .filter(({ rule }) => rule === code)
    .map(({ range: { start } }) => `${start.line}:${start.column}`);
}

const linesOf = (code: string, text: string, settings: LintSettings = {}) =>
  placesOf(code, text, { ...settings, compat: 'hadolint' }).map((place) => Number(place.split(':')[0]));

for (const [code, { hits, clean, compat = [], settings = {} }] of Object.entries(dlCases)) {
  const show = JSON.stringify;
  for (const [text, ...places] of hits)
    test(`${code}: ${show(text)} → ${places.join(' ')}`, () =>
      assert.equal(placesOf(code, text, settings), places));
  for (const text of clean)
    test(`${code}: ${show(text)} → nothing`, () => assert.equal(placesOf(code, text, settings), []));

  // Where nothing else is listed hadolint says the same, one finding an instruction.
  const differs = new Set(compat.map(([text]) => text));
  for (const [text, ...lines] of compat)
    test(`${code} as hadolint: ${show(text)} → ${lines.join(' ') || 'nothing'}`, () =>
      assert.equal(linesOf(code, text, settings), lines));
  for (const text of clean.filter((one) => !differs.has(one)))
    test(`${code} as hadolint: ${show(text)} → nothing`, () =>
      assert.equal(linesOf(code, text, settings), []));
}

for (const [code, text, lines, settings] of compatCases)
  test(`${code} as hadolint: ${JSON.stringify(text)} → ${lines.join(' ') || 'nothing'}`, () =>
    assert.equal(linesOf(code, text, settings), lines));

test('codes and names are unique, and every description is a sentence without its full stop', () => {
  const names = dlRules.flatMap(({ code, name }) => [code, name]);
  assert.is(new Set(names).size, names.length);
  for (const { description } of dlRules) assert.match(description, /^[A-Za-z].*[^.]$/);
});

test.run();
