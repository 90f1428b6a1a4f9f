import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOutputTail } from '../../src/ops/output-tail.ts';

const test = suite('output-tail');
function tailOf(chunks: string[], limit?: number): string[] {
  const tail = createOutputTail(limit);
  for (const chunk of chunks) tail.add(Buffer.from(chunk));
  return tail.lines();
}

test('lines come together from chunks, with or without an end of line at the end', () => {
  assert.equal(tailOf([]), []);
  assert.equal(tailOf(['a', 'b\nc', '\n']), ['ab', 'c']);
  assert.equal(tailOf(['a\nb']), ['a', 'b']);
  assert.equal(tailOf(['a\n\n']), ['a', '']);
});

test('only the last lines are kept, and of endless ones the last 64 KiB', () => {
  assert.equal(tailOf(['1\n2\n3\n4\n'], 2), ['3', '4']);
  const [line] = tailOf(['x'.repeat(100_000), 'end']);
  assert.is(line?.length, 64 << 10);
  assert.ok(line?.endsWith('xend'));
});

test('a character that is cut in two chunks is whole', () => {
  const tail = createOutputTail();
  const bytes = Buffer.from('é\n');
  tail.add(bytes.subarray(0, 1));
  tail.add(bytes.subarray(1));
  assert.equal(tail.lines(), ['é']);
});

test.run();
