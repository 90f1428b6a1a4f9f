// What a prune deletes of each kind, and what it must not.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLease } from '../../src/fs/lease.ts';
import { folderUnits } from '../../src/images/folder-units.ts';
import { removeUnits } from '../../src/images/prune.ts';
import { type DiffID, digestOf, hexOf } from '../../src/oci/digest.ts';
import type { CacheRecord } from '../../src/seams.ts';
import { createHttpIndex } from '../../src/source/http-index.ts';
import { createCacheIndex } from '../../src/store/cache-index.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createResolutionIndex } from '../../src/store/resolution-index.ts';
import { call, type ImageBench, imageBench } from './image-bench.ts';

const test = suite('prune');

const record = (diffID: string): CacheRecord => ({
  ...{ content: digestOf('content'), diffID: diffID as DiffID, size: 5, created: '2026-01-01T00:00:00Z' },
  ...{ seconds: 1, description: 'RUN something', tree: {} },
});

async function put(bench: ImageBench, path: string): Promise<string> {
  const file = join(bench.root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'x'.repeat(9000));
  return file;
}

/** One of each kind that no image needs. */
async function everything(bench: ImageBench): Promise<void> {
  await bench.add('app');
  await bench.add(undefined, { layers: ['dangling'] });
  const store = createContentStore(bench.root);
  const layer = await store.ingest([Buffer.from('a layer')]);
  await createCacheIndex(bench.root).record(digestOf('key'), record(layer.digest));
  await createCacheIndex(bench.root).record(digestOf('other key'), record(digestOf('gone')));
  const file = await store.ingest([Buffer.from('from a URL')]);
  const memory = { ...file, etag: undefined, lastModified: undefined };
  await createHttpIndex(join(bench.root, 'http-v1'), join(bench.root, 'tmp')).set(
    'http://example.com/x',
    memory,
  );
  await store.ingest([Buffer.from('nobody knows this')]);
  await put(bench, 'git-v1/mirror/objects/pack');
  await put(bench, 'cache-mounts-v1/mount/0/file');
  await put(bench, 'contexts-v1/context.json');
  await put(bench, 'builds-v1/build.json');
}

test('each kind is seen for what it is, and goes unless a named image needs it', async () => {
  await using bench = await imageBench();
  await everything(bench);
  const { items, reclaimed } = await bench.engine.images.prune({ all: false }, call);
  assert.equal(items.map(({ type }) => type).sort(), [
    'cachemount',
    'context',
    'git',
    'http',
    'image',
    'layer',
    'record',
    'unreferenced',
  ]);
  assert.ok(reclaimed > 4 * 9000);
  assert.is(items.find(({ type }) => type === 'layer')!.description, 'RUN something');
  assert.is(bench.blobs().length, 3);
  assert.is((await bench.engine.images.list({})).length, 1);
  for (const folder of ['git-v1', 'cache-mounts-v1', 'contexts-v1', 'http-v1', 'tmp'])
    assert.equal(readdirSync(join(bench.root, folder)), [], folder);
  assert.equal(
    (await bench.engine.images.prune({ all: true }, call)).items.map(({ type }) => type),
    ['build'],
  );
});

test('only the kinds that are asked for go, and with a dry run none', async () => {
  await using bench = await imageBench();
  await everything(bench);
  const blobs = bench.blobs();
  const dry = await bench.engine.images.prune({ all: false, dryRun: true }, call);
  assert.is(dry.items.length, 8);
  assert.equal(bench.blobs(), blobs);
  await bench.engine.images.prune({ all: false, types: ['git', 'http'] }, call);
  assert.equal(readdirSync(join(bench.root, 'git-v1')), []);
  assert.ok(existsSync(join(bench.root, 'cache-mounts-v1/mount')));
  assert.is(bench.blobs().length, blobs.length - 1);
});

test('what a lease holder uses stays, and what it stores, until it is done', async () => {
  await using bench = await imageBench();
  await everything(bench);
  const old = new Date(Date.now() - 3600_000);
  for (const hex of bench.blobs()) await utimes(join(bench.root, 'blobs/sha256', hex), old, old);
  {
    await using lease = createLease(bench.root);
    const store = createContentStore(bench.root, lease);
    const stored = await store.ingest([Buffer.from('new')]);
    assert.ok(await store.info(digestOf('nobody knows this')));
    await bench.engine.images.prune({ all: true }, call);
    for (const digest of [stored.digest, digestOf('nobody knows this')]) assert.ok(await store.info(digest));
  }
  await bench.engine.images.prune({ all: true }, call);
  assert.is(bench.blobs().length, 3);
});

test('a base image that no build asks for goes with its documents', async () => {
  await using bench = await imageBench();
  const { manifest } = await bench.add('base');
  const descriptor = { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size };
  await createResolutionIndex(bench.root).set(
    'registry.example.com/base:1',
    { os: 'linux', architecture: 'amd64' },
    { descriptor, resolved: manifest.digest },
  );
  await bench.engine.images.remove({ images: ['base'], force: false, keepBlobs: false }, call);
  assert.ok(bench.blobs().includes(hexOf(manifest.digest)), 'the resolution keeps the documents');
  const { items } = await bench.engine.images.prune({ all: false }, call);
  assert.ok(
    items.some(
      ({ type, description }) => type === 'base' && description.startsWith('registry.example.com/base:1'),
    ),
  );
  assert.equal(bench.blobs(), []);
});

test('a store that is not there has nothing to prune', async () => {
  await using bench = await imageBench();
  assert.equal(await bench.engine.images.prune({ all: true, minFreeSpace: 1 }, call), {
    items: [],
    reclaimed: 0,
  });
  assert.is((await bench.engine.images.diskUsage(call)).reclaimable, 0);
  assert.not.ok(existsSync(bench.root));
});

test('a torn note of a layer costs nothing but the note', async () => {
  await using bench = await imageBench();
  await bench.add('app');
  await put(bench, `layers-v1/${'0'.repeat(64)}.json`);
  await put(bench, `cache-v2/${'a'.repeat(64)}.json`);
  const { items } = await bench.engine.images.prune({ all: false }, call);
  assert.equal(
    items.map(({ type, description }) => [type, description]),
    [
      ['unreferenced', 'damaged or foreign'],
      ['unreferenced', 'damaged or foreign'],
    ],
  );
  assert.is(bench.blobs().length, 3);
});

test('a snapshot that a build finishes after a prune looked goes with its layer: nothing would ever find that again', async () => {
  await using bench = await imageBench();
  const folder = 'snapshots-v2/erofs';
  const chain = await put(bench, `${folder}/chains/${'c'.repeat(64)}.json`);
  const before = new Date(Date.now() - 60_000);
  await utimes(chain, before, before);
  const units = folderUnits(bench.root, [], Date.now());
  assert.equal(
    units.map(({ type, files }) => [type, files.length]),
    [['snapshot', 1]],
  );
  await writeFile(chain, JSON.stringify({ dir: 195, diffID: digestOf('layer'), opaque: [], form: 'erofs' }));
  await utimes(chain, before, before);
  await put(bench, `${folder}/l/195/index`);
  const engine = {
    ...{ root: bench.root, env: {}, parallelism: 1 },
    ...({ isolation: 'auto', snapshotter: 'auto' } as const),
  };
  const removed = await removeUnits(engine, units, call.signal);
  assert.is(removed.length, 1);
  assert.not.ok(existsSync(chain));
  assert.equal(readdirSync(join(bench.root, folder, 'l')), []);
});

test.run();
