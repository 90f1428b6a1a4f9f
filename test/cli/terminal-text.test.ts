// Foreign text can't steer the terminal, and takes as much room as it is given.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatAmount, formatBytes, formatOffset, formatSeconds } from '../../src/cli/progress/figures.ts';
import { harmless, harmlessColors, harmlessLines, harmlessName } from '../../src/cli/progress/harmless.ts';
import { textWidth, truncate } from '../../src/cli/progress/text-width.ts';
import { nearest } from '../../src/nearest.ts';

const test = suite('cli/terminal-text');

test('complete control sequences go, lone control characters show', () => {
  assert.is(harmless('\x1b[31mred\x1b[0m'), 'red');
  assert.is(harmless('\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link'), 'textlink');
  assert.is(harmless('a\x1b[2J\x1b[Hb\x1b(Bc\x1bMd'), 'abcd');
  assert.is(harmless('\x9b31mx'), 'x');
  assert.is(harmless('a\x07b\x7f\x1b'), 'a^Gb^?^[');
  assert.is(harmless('evil\u202etxt'), 'evil\\u202etxt');
  assert.is(harmless('tab\tstays, é too'), 'tab\tstays, é too');
});

test('nothing that steers is left of any text', () => {
  const unit = fc.constantFrom(
    '\x1b',
    '[',
    ']',
    '0',
    ';',
    'm',
    'A',
    '\x07',
    '\x9b',
    '\x9d',
    '\n',
    '\r',
    'x',
    '\u202e',
    '\\',
    'P',
    '(',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
      assert.not(/[\0-\x08\n-\x1f\x7f-\x9f\u202a-\u202e]/.test(harmless(text)));
      assert.not(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(harmlessLines(text)));
    }),
    { seed: 7, numRuns: 1000 },
  );
});

test('a name is one line', () => {
  assert.is(harmlessName('RUN <<EOF\n  make\r\n  test\nEOF'), 'RUN <<EOF make test EOF');
});

test('what can not be seen in a name or an error is made visible, and joiners of scripts are left', () => {
  assert.is(harmlessName('a\u200bb\ufeffc\u{e0041}'), 'a\\u200bb\\ufeffc\\u{e0041}');
  assert.is(harmlessLines('a\u2060b\nc\u00add'), 'a\\u2060b\nc\\u00add');
  assert.is(harmlessName('\u0646\u200c\u0647'), '\u0646\u200c\u0647');
  assert.is(harmlessName('\u{1f468}\u200d\u{1f469}'), '\u{1f468}\u200d\u{1f469}');
});

test('colours of a line stay and end with it, all else goes', () => {
  assert.is(
    harmlessColors('\x1b[1;31mred\x1b[0m \x1b[38;5;8mgrey\x1b[m'),
    '\x1b[1;31mred\x1b[0m \x1b[38;5;8mgrey\x1b[m\x1b[0m',
  );
  assert.is(harmlessColors('\x1b[38;2;8;8;8mx'), '\x1b[38;2;8;8;8mx\x1b[0m');
  for (const hidden of ['8', '1;8', '38;5;1;8', '08']) assert.is(harmlessColors(`\x1b[${hidden}mx`), 'x');
  assert.is(harmlessColors('\x1b[2J\x1b[31mx\x1b]0;t\x07\x9b31my\x1b[?25l'), '\x1b[31mxy\x1b[0m');
  assert.is(harmlessColors('plain'), 'plain');
  const unit = fc.constantFrom('\x1b', '[', '3', '8', ';', 'm', 'A', '\x9b', ']', '\x07', 'x', '\u202e');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
      const rest = harmlessColors(text).replace(/\x1b\[[0-9;]*m/g, '');
      assert.not(/[\0-\x08\n-\x1f\x7f-\x9f\u202a-\u202e]/.test(rest));
    }),
    { seed: 8, numRuns: 2000 },
  );
});

test('width counts wide characters as two and marks as none', () => {
  assert.is(textWidth('abc'), 3);
  assert.is(textWidth('界界'), 4);
  assert.is(textWidth('e\u0301'), 1);
  assert.is(textWidth('😀'), 2);
});

test('a cut text never exceeds its room', () => {
  assert.is(truncate('short', 5), 'short');
  assert.is(truncate('longer', 5), 'long…');
  assert.is(truncate('界界界', 5), '界界…');
  assert.is(truncate('a\tb', 10), 'a    b');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '界', '\u0301', '😀', '\t') }),
      fc.nat(20),
      (text, columns) => {
        assert.ok(textWidth(truncate(text, columns)) <= columns);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('figures are as BuildKit prints them', () => {
  assert.is(formatBytes(0), '0B');
  assert.is(formatBytes(999), '999B');
  assert.is(formatBytes(1_050_000), '1.05MB');
  assert.is(formatSeconds(1234), '1.2s');
  assert.is(formatSeconds(-5), '0.0s');
  assert.is(formatOffset(123), '0.123');
  assert.is(formatOffset(12_345), '12.35');
  assert.is(formatOffset(123_456), '123.5');
  assert.is(formatAmount(1_050_000, 3_400_000), '1.05MB / 3.40MB');
  assert.is(formatAmount(0, undefined), '');
});

test('a near word is suggested, a far one is not', () => {
  assert.is(nearest('no-cahce', ['no-cache', 'cache-to']), 'no-cache');
  assert.is(nearest('zzz', ['no-cache', 'cache-to']), undefined);
  assert.is(nearest('OCI', ['oci', 'local']), 'oci');
});

test.run();
