// Counted lines against the longest common subsequence, found the slow way.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lineChanges } from '../../src/explain/line-changes.ts';

const test = suite('line changes');

function slowly(a: readonly string[], b: readonly string[]): { added: number; removed: number } {
  let row: number[] = Array(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    for (const [at, other] of b.entries())
      next.push(one === other ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!));
    row = next;
  }
  const common = row.at(-1)!;
  return { added: b.length - common, removed: a.length - common };
}

test('the fewest lines are counted', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 14 });
  const textOf = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      assert.equal(lineChanges(textOf(a), textOf(b)), slowly(a, b));
    }),
    { seed: 3, numRuns: 1500 },
  );
});

test('a last line without an end, empty texts, and texts that differ in too much', () => {
  assert.equal(lineChanges('a', 'a\n'), { added: 1, removed: 1 });
  assert.equal(lineChanges('', 'a\nb\n'), { added: 2, removed: 0 });
  assert.equal(lineChanges('a\n', ''), { added: 0, removed: 1 });
  const many = (word: string): string => Array.from({ length: 9000 }, (_, at) => `${word} ${at}\n`).join('');
  assert.is(lineChanges(many('a'), many('b')), undefined);
  assert.equal(lineChanges(many('a'), `x\n${many('a')}y\n`), { added: 2, removed: 0 });
});

test.run();
