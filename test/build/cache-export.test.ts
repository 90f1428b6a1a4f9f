// --cache-to: what becomes of an export that fails.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CacheExportParts, startCacheExport } from '../../src/build/cache-export.ts';
import { SlipwayError } from '../../src/errors.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { CacheRemote } from '../../src/seams.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('cache export');

/** Two layers of which one is refused, and the other is on its way until it is stopped. */
function failingExport(ignoreError: boolean) {
  const warnings: string[] = [];
  const steps = ['refused', 'slow'].map((name) => ({ id: digestOf(`${name} step`), diffID: digestOf(name) }));
  let isUnderWay = false;
  const remote: CacheRemote = {
    name: 'the cache',
    read: async () => undefined,
    readByDigest: async () => undefined,
    open: () => assert.unreachable() as never,
    async write({ descriptor }, signal) {
      if (descriptor.digest === steps[0]!.diffID) throw new SlipwayError('ERR_NETWORK', 'no');
      isUnderWay = true;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      // Some turns later, as whoever closes a file.
      for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
      isUnderWay = false;
      throw signal.reason;
    },
    commit: async () => true,
  };
  const store = { info: async (digest: Digest) => ({ digest, size: 1 }), open: assert.unreachable };
  const ids = new Set(steps.map(({ id }) => id));
  const parts = {
    state: { store, shared: { has: () => false, isLost: () => false } },
    target: {
      ...{ type: 'place', place: { type: 'local', path: '/cache' }, mode: 'max' },
      ...{ compression: 'uncompressed', ignoreError },
    },
    remote,
    records: {
      watch(see: (id: Digest, record: object) => void) {
        for (const { id, diffID } of steps) see(id, { diffID, size: 1 });
      },
      results: async () => [],
    },
    vertices: { all: ids, own: ids },
    layerParts: { store, forms: async () => ({ blobs: [] }) },
    onEvent: (event: { type: string; message?: string }) => {
      if (event.type === 'warning') warnings.push(event.message ?? '');
    },
    now: Date.now,
    signal: new AbortController().signal,
  };
  const running = startCacheExport(parts as unknown as CacheExportParts);
  return { running, warnings, isUnderWay: () => isUnderWay };
}

test('a failure that is ignored is a warning, and leaves nothing on its way', async () => {
  const { running, warnings, isUnderWay } = failingExport(true);
  await running.finish();
  assert.is(isUnderWay(), false);
  assert.equal(warnings, ["the cache can't be exported to the cache: no"]);
});

test('a failure that is none to be ignored is thrown, and what is on its way ends with the build', async () => {
  const { running, isUnderWay } = failingExport(false);
  await rejects(running.finish(), 'ERR_EXPORT', /no/);
  assert.is(isUnderWay(), true);
  await running.cancel();
  assert.is(isUnderWay(), false);
});

test.run();
