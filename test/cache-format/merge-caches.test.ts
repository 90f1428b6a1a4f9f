// Two caches become one: nobody erases another's results, the newest wins, and it does not grow for ever.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheConfig } from '../../src/cache-format/cache-config.ts';
import { isCovered, mergeCaches } from '../../src/cache-format/merge-caches.ts';
import { blob, cache, diffID, key, result, time } from './cache-fixture.ts';

const test = suite('mergeCaches');
const day = 86_400_000;
const bounds = { now: Date.parse(time(10)), maxAge: 20 * day, maxSize: 1e9 };

const layerOf = (merged: CacheConfig, name: string): string | undefined =>
  merged.results.find(({ keys }) => keys.includes(key(name)))?.diffID;

test('results of both are kept; of a key that both have, the new one', () => {
  const base = cache([result('a', ['1', '2']), result('b', ['3'])]);
  const own = cache([result('c', ['2', '4'], 10)]);
  const merged = mergeCaches(base, own, bounds);
  assert.is(layerOf(merged, '1'), diffID('a'));
  assert.is(layerOf(merged, '2'), diffID('c'));
  assert.is(layerOf(merged, '3'), diffID('b'));
  assert.is(merged.layers.length, 3);
});

test('a result that lost all its keys goes, and its layer with it', () => {
  const merged = mergeCaches(cache([result('a', ['1'])]), cache([result('b', ['1'], 10)]), bounds);
  assert.equal(
    merged.layers.map((layer) => layer.diffID),
    [diffID('b')],
  );
  assert.is(merged.results.length, 1);
});

test('a build that exports identities alone leaves the layers that others have exported', () => {
  const base = cache([result('a', ['1']), result('b', ['2'])]);
  const own = {
    ...cache([result('a', ['1'], 10), result('b', ['2'], 10)]),
    layers: cache([result('b', [])]).layers,
  };
  const merged = mergeCaches(base, own, bounds);
  assert.equal(new Set(merged.layers.map((layer) => layer.diffID)), new Set([diffID('a'), diffID('b')]));
});

test('what was not needed for too long goes; what this build needed under another key stays', () => {
  const base = cache([result('a', ['1'], 1), result('b', ['2'], 9), result('c', ['3'], 1)]);
  const own = cache([result('c', ['4'], 10)]);
  const merged = mergeCaches(base, own, { ...bounds, maxAge: 5 * day });
  assert.is(layerOf(merged, '1'), undefined);
  assert.is(layerOf(merged, '2'), diffID('b'));
  assert.is(layerOf(merged, '3'), diffID('c'));
});

test('within the size, what was needed last stays; what this build made stays in any case', () => {
  const base = cache([result('a', ['1'], 5), result('b', ['2'], 7), result('c', ['3'], 6)], { size: 40 });
  const own = cache([result('d', ['4'], 10)], { size: 40 });
  const names = (maxSize: number): string[] =>
    mergeCaches(base, own, { ...bounds, maxSize }).layers.map((layer) => layer.diffID);
  assert.equal(new Set(names(120)), new Set([diffID('d'), diffID('b'), diffID('c')]));
  assert.equal(names(10), [diffID('d')]);
});

test('key trees are kept as long as something is explained by them', () => {
  const old = { ...result('a', ['1']), trees: blob('t1').digest };
  const gone = { ...result('b', ['2']), trees: blob('t2').digest };
  const base = cache([old, gone], { trees: [blob('t1'), blob('t2')] });
  const own = cache([{ ...result('c', ['2'], 10), trees: blob('t3').digest }], { trees: [blob('t3')] });
  const merged = mergeCaches(base, own, bounds);
  assert.equal(
    merged.trees.map(({ digest }) => digest),
    [blob('t1').digest, blob('t3').digest],
  );
});

test('nothing is to be written where all is there, used today', () => {
  const base = cache([result('a', ['1', '2'], 10)]);
  assert.ok(isCovered(base, cache([result('a', ['1'], 10)]), bounds.now));
  assert.not.ok(isCovered(base, cache([result('b', ['1'], 10)]), bounds.now));
  assert.not.ok(isCovered(base, cache([result('a', ['3'], 10)]), bounds.now));
  assert.not.ok(isCovered(base, cache([result('a', ['1'], 10)]), bounds.now + 2 * day));
});

test('whatever is merged: every key once, every layer named, the own results whole, and again changes nothing', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const one = fc
    .tuple(names, fc.uniqueArray(names, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 10 }))
    .map(([layer, keys, used]) => result(layer, keys, used));
  const some = fc.uniqueArray(one, { maxLength: 5, selector: ({ keys }) => keys[0] }).map((results) => {
    const seen = new Set<string>();
    const distinct = results.map((each) => {
      const keys = each.keys.filter((name) => !seen.has(name));
      for (const name of keys) seen.add(name);
      return { ...each, keys };
    });
    return cache(distinct.filter(({ keys }) => keys.length > 0));
  });
  fc.assert(
    fc.property(
      some,
      some,
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (base, own, maxSize, age) => {
        const limits = { now: bounds.now, maxSize, maxAge: age * day };
        const merged = mergeCaches(base, own, limits);
        const keys = merged.results.flatMap((each) => each.keys);
        assert.is(new Set(keys).size, keys.length);
        const needed = new Set(merged.results.map((each) => each.diffID));
        for (const layer of merged.layers) assert.ok(needed.has(layer.diffID));
        for (const each of own.results)
          for (const name of each.keys) {
            const found = merged.results.find((other) => other.keys.includes(name))!;
            assert.is(found.diffID, each.diffID);
          }
        assert.equal(mergeCaches(merged, own, limits).layers.length, merged.layers.length);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

test.run();
