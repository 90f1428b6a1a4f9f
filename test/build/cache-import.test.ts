// What an imported cache knows can be explained offline: key trees travel with it, and are what their keys are digests of.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { importCaches } from '../../src/build/cache-import.ts';
import { createSharedLayers } from '../../src/build/shared-layers.ts';
import { cacheConfigType } from '../../src/cache-format/cache-config.ts';
import { encodeCacheManifest } from '../../src/cache-format/cache-manifest.ts';
import { SlipwayError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createFolderCache } from '../../src/remote-cache/folder.ts';
import type { CacheRemote } from '../../src/seams.ts';
import type { BuildEvent } from '../../src/solver/events.ts';
import { keyDigest } from '../../src/tree/key-tree.ts';
import { haveBusybox } from '../support/busybox-base.ts';
import { cacheBench } from '../support/cache-bench.ts';
import { createMemoryCacheIndex } from '../support/memory-cache-index.ts';
import { requireFeature } from '../support/require-feature.ts';

const test = suite('importCaches');
const { signal } = new AbortController();

function importing(remote: CacheRemote, events: BuildEvent[] = []) {
  const layers = createSharedLayers();
  const imports = importCaches([{ place: { type: 'local', path: remote.name, tag: 'latest' } }], {
    layers,
    platforms: [],
    open: async () => remote,
    onEvent: (event) => events.push(event),
    now: () => 0,
    signal,
  });
  return { layers, imports };
}

test('every record is listed with the tree of its key, also those of earlier exports', async () => {
  await using bench = await cacheBench({
    Dockerfile: 'FROM scratch AS x\nCOPY a /\nFROM scratch\nCOPY --from=x /a /b',
    a: 'a',
  });
  const path = bench.file('kept');
  const to = `--cache-to=type=local,dest=${path},mode=max`;
  await bench.build('one', [to]);
  await bench.write({ a: 'changed' });
  await bench.build('two', [to]);
  const { imports } = importing(createFolderCache({ path, tag: 'latest' }));
  const seen = [];
  for await (const { key, record } of imports.records(signal)) {
    const { below, content } = record.tree;
    const isIdentity = key === digestOf(`identity ${below} ${content}`);
    // The files of a COPY's sources go into its key by the digest of their tree.
    const digested =
      typeof content === 'object' ? { ...record.tree, content: keyDigest(content) } : record.tree;
    assert.ok(isIdentity || keyDigest(digested) === key, record.description);
    seen.push(record.description);
  }
  // COPY of a context: a key of content and an identity; COPY of a stage: a quick key besides. Each twice.
  assert.is(seen.length, 10);
});

test('nothing but the manifest and the list of results is read for a hit, and key trees only when asked for', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const path = bench.file('kept');
  await bench.build('one', [`--cache-to=type=local,dest=${path}`]);
  const opened: string[] = [];
  const folder = createFolderCache({ path, tag: 'latest' });
  const counted: CacheRemote = {
    ...folder,
    open(descriptor, openSignal) {
      opened.push(descriptor.mediaType);
      return folder.open(descriptor, openSignal);
    },
  };
  const { imports, layers } = importing(counted);
  const index = imports.index(createMemoryCacheIndex(), async ({ diffID }) => layers.has(diffID));
  const keys: `sha256:${string}`[] = [];
  assert.is(await index.lookup(digestOf('no such key')), undefined);
  assert.equal(opened, ['application/vnd.slipway.cacheconfig.v1+json']);
  for await (const { key } of imports.records(signal)) keys.push(key);
  const record = await index.lookup(keys[0]!);
  assert.is(record?.source, path);
  assert.ok(record && layers.has(record.diffID));
  assert.equal(opened.length, 2);
});

test('a cache that is no cache, is of another version or does not answer is a warning, and no record', async () => {
  const config = Buffer.from('{"version":2}');
  const named = { mediaType: cacheConfigType, digest: digestOf(config), size: config.length };
  const manifest = encodeCacheManifest(named, [], { imageManifest: true, ociMediaTypes: true });
  const remote = (document: { bytes: Buffer; mediaType: string } | Error): CacheRemote => ({
    name: 'remote',
    async read() {
      if (document instanceof Error) throw document;
      return { ...document, digest: digestOf(document.bytes) };
    },
    readByDigest: async () => undefined,
    async *open() {
      yield config;
    },
    write: async () => 'present',
    commit: async () => true,
  });
  for (const document of [
    manifest,
    { bytes: Buffer.from('<html>'), mediaType: 'text/html' },
    { bytes: Buffer.from('{"layers":[{}]}'), mediaType: manifest.mediaType },
    new SlipwayError('ERR_NETWORK', 'no answer'),
  ]) {
    const events: BuildEvent[] = [];
    const { imports } = importing(remote(document), events);
    const index = imports.index(createMemoryCacheIndex(), async () => true);
    assert.is(await index.lookup(digestOf('x')), undefined);
    const [warning] = events.filter(({ type }) => type === 'warning');
    assert.match(warning?.type === 'warning' ? warning.message : '', /^the cache remote is not used: /);
  }
});

test('what another machine made is taken where this one makes the same', async () => {
  await using bench = await cacheBench({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'a' });
  const path = bench.file('kept');
  await bench.build('one', [`--cache-to=type=local,dest=${path}`]);
  const { imports, layers } = importing(createFolderCache({ path, tag: 'latest' }));
  const local = createMemoryCacheIndex();
  const index = imports.index(local, async () => false);
  for await (const { key, record } of imports.records(signal)) {
    const { source: _, ...own } = record;
    const kept = await index.record(key, { ...own, diffID: digestOf('made here') as never });
    assert.is(kept.diffID, record.diffID);
    assert.is(local.records.get(key)?.source, undefined);
    assert.ok(layers.has(kept.diffID));
  }
});

if (requireFeature('busybox-static', haveBusybox)) test.run();
