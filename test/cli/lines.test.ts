// Output of commands becomes lines, however it is cut.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLineSplitter } from '../../src/cli/progress/lines.ts';

function split(...chunks: (string | Uint8Array)[]): string[] {
  const splitter = createLineSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk as string)));
  return [...lines, ...splitter.flush()];
}

const test = suite('cli/lines');

test('lines end with LF or CR LF, the last one with the output', () => {
  assert.equal(split('a\nb\r\n\nc'), ['a', 'b', '', 'c']);
  assert.equal(split('a\n'), ['a']);
  assert.equal(split(''), []);
});

test('of a line that is drawn over, the last state counts', () => {
  assert.equal(split('10%\r50%\r100%\ndone\n'), ['100%', 'done']);
  assert.equal(split('10%\r50%\r', '\nnext'), ['50%', 'next']);
  assert.equal(split('10%\r', '50%'), ['50%']);
});

test('the line being written can be seen', () => {
  const splitter = createLineSplitter();
  splitter.push(Buffer.from('a\n10%\r2'));
  splitter.push(Buffer.from('0%'));
  assert.is(splitter.partial(), '20%');
});

test('where the output is cut makes no difference', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '界', '😀', '\n', '\r\n', '\r', ' '), { maxLength: 30 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''));
      const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      assert.equal(split(...chunks), split(bytes));
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('bytes that are no UTF-8 are replaced', () => {
  assert.equal(split(Buffer.from([0x61, 0xff, 0x62, 0x0a])), ['a\ufffdb']);
});

test('a line without an end comes in pieces, and loses nothing', () => {
  const long = 'x'.repeat(100_000);
  const splitter = createLineSplitter();
  const lines = [1, 2, 3].flatMap(() => splitter.push(Buffer.from(long)));
  assert.ok(lines.length >= 4);
  assert.is([...lines, ...splitter.flush()].join('').length, 300_000);
});

test.run();
