import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PruneRequest, UsageType } from '../../src/image-request.ts';
import { bytesToKeep, chooseUnits, isCache } from '../../src/images/prune-policy.ts';

const test = suite('prune policy');

interface TestUnit {
  id: string;
  type: UsageType;
  shared: boolean;
  size: number;
  lastUsed: number;
  busy?: boolean;
  labels?: Record<string, string>;
}

const unit = (id: string, changes: Partial<TestUnit> = {}): TestUnit => ({
  ...{ id, type: 'layer', shared: false, size: 10, lastUsed: 100 },
  ...changes,
});
const idle = { usedSince: Number.POSITIVE_INFINITY, free: 1000 };
const chosen = (units: TestUnit[], request: Partial<PruneRequest> = {}, situation = idle): string =>
  chooseUnits(units, { all: false, ...request }, situation)
    .map(({ id }) => id)
    .join(' ');

test('without wishes all goes that no named image needs, the least recently used first', () => {
  const units = [
    unit('new', { lastUsed: 9 }),
    unit('old', { lastUsed: 1 }),
    unit('shared', { shared: true }),
    unit('app', { type: 'image', shared: true }),
    unit('dangling', { type: 'image', lastUsed: 5 }),
    unit('other', { type: 'other' }),
  ];
  assert.is(chosen(units), 'old dangling new');
});

test('with all the cache of named images goes, too, and never the images', () => {
  const units = [unit('shared', { shared: true }), unit('app', { type: 'image', shared: true })];
  assert.is(chosen(units, { all: true }), 'shared');
});

test('what a build may be using stays, and what somebody holds', () => {
  const units = [
    unit('used', { lastUsed: 50 }),
    unit('free', { lastUsed: 49 }),
    unit('held', { lastUsed: 1, busy: true }),
  ];
  assert.is(chosen(units, { all: true }, { usedSince: 50, free: 0 }), 'free');
});

test('until, types and labels narrow the choice', () => {
  const units = [
    unit('layer', { lastUsed: 10 }),
    unit('mount', { type: 'cachemount', lastUsed: 20 }),
    unit('image', { type: 'image', lastUsed: 30, labels: { a: '1' } }),
  ];
  assert.is(chosen(units, { until: 20 }), 'layer');
  assert.is(chosen(units, { types: ['cachemount'] }), 'mount');
  assert.is(chosen(units, { labels: ['a'] }), 'image');
  assert.is(chosen(units, { labels: ['a=2'] }), '');
});

test('a budget takes the oldest, of equals the largest, until it is met', () => {
  const units = [
    unit('a', { lastUsed: 1, size: 10 }),
    unit('b', { lastUsed: 1, size: 40 }),
    unit('c', { lastUsed: 2, size: 50 }),
  ];
  assert.is(chosen(units, { maxUsedSpace: 100 }), '');
  assert.is(chosen(units, { maxUsedSpace: 60 }), 'b');
  assert.is(chosen(units, { maxUsedSpace: 59 }), 'b a');
  assert.is(chosen(units, { maxUsedSpace: 0 }), 'b a c');
});

test('bytes to keep follow the largest use, the free disk and what is reserved', () => {
  const keep = (request: Partial<PruneRequest>, free = 0): number | undefined =>
    bytesToKeep(100, { all: false, ...request }, free);
  assert.is(keep({}), undefined);
  assert.is(keep({ maxUsedSpace: 30 }), 30);
  assert.is(keep({ maxUsedSpace: 30, reservedSpace: 50 }), 50);
  assert.is(keep({ reservedSpace: 50 }), 50);
  assert.is(keep({ minFreeSpace: 20 }, 20), Number.POSITIVE_INFINITY);
  assert.is(keep({ minFreeSpace: 50 }, 20), 70);
  assert.is(keep({ minFreeSpace: 50, maxUsedSpace: 40 }, 20), 40);
  assert.is(keep({ minFreeSpace: 5000, reservedSpace: 10 }, 0), 10);
});

test('whatever there is and is asked for: nothing that must stay is chosen, and no more than is needed', () => {
  const types: UsageType[] = ['image', 'layer', 'snapshot', 'cachemount', 'other', 'unreferenced'];
  const units = fc.array(
    fc.record({
      id: fc.string(),
      type: fc.constantFrom(...types),
      shared: fc.boolean(),
      size: fc.nat(1000),
      lastUsed: fc.nat(100),
      busy: fc.boolean(),
    }),
    { maxLength: 30 },
  );
  const request = fc.record(
    {
      all: fc.boolean(),
      until: fc.nat(100),
      maxUsedSpace: fc.nat(9000),
      reservedSpace: fc.nat(9000),
      minFreeSpace: fc.nat(9000),
    },
    { requiredKeys: ['all'] },
  );
  fc.assert(
    fc.property(units, request, fc.nat(120), fc.nat(9000), (all, wish, usedSince, free) => {
      const gone = chooseUnits(all, wish, { usedSince, free });
      for (const one of gone) {
        assert.ok(isCache(one) && !one.busy && one.lastUsed < usedSince);
        assert.ok(wish.all || !one.shared);
        assert.ok(one.lastUsed < (wish.until ?? Number.POSITIVE_INFINITY));
      }
      const total = all.filter(isCache).reduce((sum, { size }) => sum + size, 0);
      const keep = bytesToKeep(total, wish, free);
      if (keep === undefined || gone.length === 0) return;
      const butLast = gone.slice(0, -1).reduce((sum, { size }) => sum + size, 0);
      assert.ok(total - butLast > keep, 'the last one was needed');
    }),
    { seed: 11, numRuns: 1000 },
  );
});

test.run();
