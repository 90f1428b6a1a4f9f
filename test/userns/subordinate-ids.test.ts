// The ids that a user may have besides their own.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mapArguments, rangesOf } from '../../src/userns/subordinate-ids.ts';

const test = suite('userns/subordinate-ids');
const user = { name: 'ann', id: 1000 };

test('ranges are found by name and by number, in the order of the file', () => {
  const text = 'bob:1:2\nann:100000:65536\n1000:300000:10\n10000:5:5\n';
  assert.equal(rangesOf(text, user), [
    { start: 100000, count: 65536 },
    { start: 300000, count: 10 },
  ]);
});

test('lines that give nothing are passed over', () => {
  assert.equal(rangesOf('ann\nann:x:5\nann:5:0\nann:5\n# ann:1:1\n\n', user), []);
});

test('the user becomes 0, and what follows is theirs without a gap', () => {
  const ranges = [
    { start: 100000, count: 65536 },
    { start: 300000, count: 10 },
  ];
  assert.is(mapArguments(1000, ranges).join(' '), '0 1000 1 1 100000 65536 65537 300000 10');
});

test.run();
