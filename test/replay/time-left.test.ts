import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { roughTime, secondsLeft } from '../../src/replay/time-left.ts';

const test = suite('time-left');

test('the first build, in which all missed, says nothing of the rest', () => {
  assert.is(secondsLeft([], 5), undefined);
  assert.is(secondsLeft([100], 5), undefined);
  assert.is(secondsLeft([100, 2, 4], 10), 30);
  assert.is(secondsLeft([100], 0), 0);
});

test('times in words', () => {
  assert.equal([0.2, 45, 200, 4800].map(roughTime), ['1 s', '45 s', '3 min', '80 min']);
  assert.is(roughTime(7200), '2 h 0 min');
});

test.run();
