// How limits are written, and what they count.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createUnpackBudget,
  createUnpackCounter,
  defaultLimits,
  ratioFrom,
} from '../../src/layer/unpack-limits.ts';
import { throws } from '../dockerfile/throws.ts';

const test = suite('layer/unpack-limits');

test('limits are named with sizes and counts; what is not named is as usual', () => {
  assert.equal(createUnpackBudget(undefined).limits, defaultLimits);
  assert.equal(createUnpackBudget('').limits, defaultLimits);
  assert.equal(createUnpackBudget(' layer=64g, entries=10 ,ratio=none,total=5MiB').limits, {
    ...defaultLimits,
    ...{ layer: 64 * 2 ** 30, entries: 10, ratio: Number.POSITIVE_INFINITY, total: 5 << 20 },
  });
});

test('what is no limit is refused with those that there are', () => {
  throws(() => createUnpackBudget('layers=1g'), 'ERR_USAGE', /layer, total, entries/);
  for (const value of ['', '0', '-1', '1x', '1.5g', 'g', '99999999999999t'])
    throws(() => createUnpackBudget(`layer=${value}`), 'ERR_USAGE', /layer=64g/);
  throws(() => createUnpackBudget('entries=1k'), 'ERR_USAGE', /entries=4000000/);
  throws(() => createUnpackBudget('__proto__=1'), 'ERR_USAGE');
});

test('a layer has its own limit, and all together have one', () => {
  const budget = createUnpackBudget('layer=100,total=150');
  const one = createUnpackCounter(budget);
  one.add(100, undefined);
  throws(() => one.add(1, undefined), 'ERR_BAD_ARCHIVE', /more than 100 bytes/);
  const other = createUnpackCounter(createUnpackBudget('layer=100,total=150'));
  other.add(90, undefined);
  const third = createUnpackCounter(budget);
  throws(() => third.add(60, undefined), 'ERR_BAD_ARCHIVE', /more than 150 bytes/);
});

test('a ratio counts for large ones alone', () => {
  const budget = createUnpackBudget('ratio=10');
  const small = createUnpackCounter(budget);
  small.add(1 << 20, 1);
  const large = createUnpackCounter(budget);
  large.add(ratioFrom, 1);
  throws(() => large.add(1, 1), 'ERR_BAD_ARCHIVE', /SLIPWAY_LIMITS=ratio/);
  const packed = createUnpackCounter(createUnpackBudget('ratio=10'));
  packed.add(ratioFrom + 1, ratioFrom / 5);
});

test.run();
