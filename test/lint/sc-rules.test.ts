// Where the rules with ShellCheck's codes fire, by default and in place of hadolint.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixText } from '../../src/lint/fix-text.ts';
import { lintText } from '../../src/lint/lint-text.ts';
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

const inShell = (shell: string, code: string, settings?: LintSettings) =>
  lintText(`FROM a:1\nSHELL ["${shell}", "-c"]\nRUN ${code}\n`, 'Dockerfile', settings)
    .filter(({ rule }) => rule.startsWith('SC'))
    .map(({ rule, severity }) => `${rule} ${severity}`);

test('what sh may lack is a warning, and what dash lacks is an error', () => {
  for (const code of ['a <(b)', 'a {b,c}', '[[ a ]]', 'a <<< b', '[ a == b ]', 'a &> b', 'source a']) {
    const [found] = inShell('/bin/sh', code);
    assert.match(found!, /^SC30\d\d warning$/);
    assert.equal(inShell('/bin/dash', code), [found!.replace('warning', 'error')]);
  }
  assert.equal(inShell('/bin/dash', 'a {b,c}', { severities: { SC3009: 'style' } }), ['SC3009 style']);
  assert.equal(inShell('/bin/dash', 'echo -e a'), ['SC3036 error']);
  assert.equal(inShell('/bin/dash', 'echo -n a'), []);
});

test('ash has much of bash, which ShellCheck does not know', () => {
  for (const code of ['[[ a ]]', '[ a == b ]', 'echo -e a', 'source a']) {
    assert.equal(inShell('/bin/ash', code), []);
    assert.is(inShell('/bin/ash', code, { compat: 'hadolint' }).length, 1);
  }
  assert.equal(inShell('/bin/ash', 'a {b,c}'), ['SC3009 error']);
});

test('backquotes become $(...) where both mean the same, and only there', () => {
  const mended = (code: string) => {
    const { text } = fixText(`FROM a:1\nRUN ${code}\n`, 'Dockerfile', { level: 'safe' });
    return text.slice('FROM a:1\nRUN '.length, -1);
  };
  assert.is(mended('a `b \'c d\'` "`e`"'), 'a $(b \'c d\') "$(e)"');
  for (const code of ['a `b # c`', 'a `b \\`c\\``', 'a `(b)`', 'a `b \\$c`', 'a `b "`" c `d`', 'a `#b`'])
    assert.is(mended(code), code);
});

test('each code once a RUN is what stands for hadolint, at its first line', () => {
  const text = 'FROM a:1\nRUN a $B && \\\n  c $D && \\\n  echo -e $(f)\nRUN g $H\n';
  const found = lintText(text, 'Dockerfile', { compat: 'hadolint' }).map(
    ({ rule, line }) => `${line} ${rule}`,
  );
  assert.equal(
    found.filter((one) => one.includes('SC')),
    ['2 SC2046', '2 SC2086', '2 SC3037', '5 SC2086'],
  );
});

test.run();
