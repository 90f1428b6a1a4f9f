// Fixes: a text that is mended lacks the finding, and is else as it was.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyFixes } from '../../src/lint/apply-fixes.ts';
import type { Fix } from '../../src/lint/fix.ts';
import { lintText } from '../../src/lint/lint-text.ts';
import { dlCases } from './dl-cases.ts';

const test = suite('lint/fixes');

const withFrom = (text: string) => (/^from /im.test(text) ? text : `FROM debian:12\n${text}`);
const fixesOf = (text: string) => lintText(text, 'Dockerfile').flatMap(({ fix }) => fix ?? []);

/** Mends until nothing can be mended. */
function mend(text: string): string {
  for (let round = 0; round < 5; round++) {
    const { text: mended, applied } = applyFixes(text, fixesOf(text));
    if (applied.length === 0) return text;
    text = mended;
  }
  throw new Error('there is always something to mend');
}

for (const [code, { hits, settings }] of Object.entries(dlCases)) {
  for (const [text] of hits) {
    const whole = withFrom(text);
    const found = lintText(whole, 'Dockerfile', settings).filter(({ rule, fix }) => rule === code && fix);
    if (found.length === 0) continue;
    test(`${code} is mended in ${JSON.stringify(text)}, and nothing new is wrong`, () => {
      const mended = applyFixes(
        whole,
        found.flatMap(({ fix }) => fix ?? []),
      ).text;
      const codes = (of: string) => lintText(of, 'Dockerfile', settings).map(({ rule }) => rule);
      const after = codes(mended);
      assert.ok(!after.includes(code), mended);
      // What goes by the name of apt is hidden from the rules about apt-get.
      const before = new Set([...codes(whole), ...(code === 'DL3027' ? ['DL3008', 'DL3014', 'DL3015'] : [])]);
      assert.equal(
        after.filter((rule) => !before.has(rule)),
        [],
      );
      assert.equal(fixesOf(mend(whole)), []);
    });
  }
}

test('several fixes go into one text, and all else stays as it is', () => {
  const text =
    '# top\r\nFROM a:1\r\nRUN x && \\\r\n\t# why\r\n\tapt install   b=1 # c\r\nADD d /e\r\nmaintainer me\r\n';
  assert.is(
    mend(text),
    [
      '# top\r\nFROM a:1\r\nRUN x && \\\r\n\t# why\r\n',
      '\tapt-get install -y --no-install-recommends   b=1 # c\r\n',
      'COPY d /e\r\nLABEL org.opencontainers.image.authors="me"\r\n',
    ].join(''),
  );
});

test('code that is not written as it runs is not edited', () => {
  assert.equal(fixesOf('FROM a:1\nRUN ["apt-get", "install", "b=1"]\n'), []);
  assert.equal(fixesOf('FROM a:1\nRUN a=`echo \\`apk add b=1\\``\n'), []);
  assert.equal(fixesOf('FROM a:1\nADD a https://example.com/b /c/\n'), []);
});

test('a fix that would change what another changed waits, whole', () => {
  const edit = (from: number, to: number, text: string) => ({
    range: { start: { line: 1, column: from }, end: { line: 1, column: to } },
    text,
  });
  const fix = (...edits: Fix['edits']): Fix => ({ safety: 'safe', title: '', edits });
  const first = fix(edit(2, 4, 'X'));
  const second = fix(edit(1, 1, 'new '), edit(3, 5, 'Y'));
  const third = fix(edit(4, 4, '+'), edit(7, 7, '!'));
  const { text, applied } = applyFixes('abcdef', [first, second, third]);
  assert.is(text, 'aX+def!');
  assert.equal(applied, [first, third]);
});

test.run();
