import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isOver, parseBudgets } from '../../src/cli/commands/budget.ts';
import { SlipwayError } from '../../src/errors.ts';

const test = suite('budget');
const names = ['context', 'unused'];

const over = (text: string, bytes: number, whole = 1000): boolean => {
  const [budget] = parseBudgets([text], names);
  return isOver(budget!.limit, bytes, whole);
};

test('a size is a limit that may be reached', () => {
  assert.not.ok(over('context=50MB', 50_000_000));
  assert.ok(over('context=50MB', 50_000_001));
  assert.not.ok(over('context=1KiB', 1024));
  assert.ok(over('context=1KiB', 1025));
  assert.ok(over('context=0', 1));
  assert.not.ok(over('context=1.5k', 1500));
});

test('a share is one of the whole', () => {
  assert.not.ok(over('unused=5%', 50));
  assert.ok(over('unused=5%', 51));
  assert.not.ok(over('unused=0%', 0, 0));
});

test('several stand in one word, or in several', () => {
  const both = [
    ['context', 'context=1k'],
    ['unused', 'unused=5%'],
  ];
  for (const list of [['context=1k,unused=5%'], ['context=1k', 'unused=5%']])
    assert.equal(
      parseBudgets(list, names).map(({ name, text }) => [name, text]),
      both,
    );
});

test('what is no budget is refused, with what there is', () => {
  for (const text of ['50MB', 'contxt=50MB', 'context', 'context=', 'context=x', 'context=5XB', '=5'])
    try {
      parseBudgets([text], names);
      assert.unreachable(text);
    } catch (error) {
      assert.ok(error instanceof SlipwayError, text);
      assert.is(error.code, 'ERR_USAGE');
      assert.ok(error.hint);
    }
});

test.run();
