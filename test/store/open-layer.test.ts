import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { Layer } from '../../src/seams.ts';
import type { LayerForms, LayerIndex } from '../../src/store/layer-index.ts';
import { createLayerReader } from '../../src/store/open-layer.ts';
import { bytesOf } from '../contract/bytes.ts';
import { codeOf, collect } from '../contract/content-store.ts';
import { createMemoryContentStore } from '../support/memory-content-store.ts';

const tar = bytesOf(200_000);
const diffID = digestOf(tar) as string as DiffID;
const gzip = gzipSync(tar);
const describe = (bytes: Buffer): Descriptor => ({
  mediaType: mediaType.ociLayerGzip,
  digest: digestOf(bytes),
  size: bytes.length,
});
const layerOf = (...blobs: Descriptor[]): Layer => ({ diffID, size: undefined, blobs });
const { signal } = new AbortController();

function memoryLayers(): LayerIndex & { known: LayerForms } {
  const known: LayerForms = { blobs: [] };
  return {
    known,
    forms: async () => ({ ...known }),
    async add(_, form) {
      if (form.size !== undefined) known.size = form.size;
      if (form.blob) known.blobs.push(form.blob);
    },
  };
}

/** @param answer what comes for a blob that is asked for the so-manieth time, where that is not its content. */
function setUp(remote: Buffer[] = [], answer?: (blob: Descriptor, times: number) => Buffer | undefined) {
  const store = createMemoryContentStore();
  const layers = memoryLayers();
  const fetched: string[] = [];
  const reader = createLayerReader({
    store,
    layers,
    async *decompress(source) {
      yield gunzipSync(await collect(source));
    },
    async *fetch(blob) {
      fetched.push(blob.digest);
      const found = answer
        ? answer(blob, fetched.length)
        : remote.find((bytes) => digestOf(bytes) === blob.digest);
      if (!found) throw new SlipwayError('ERR_NETWORK', 'no answer');
      yield found;
    },
  });
  const { open: openLayer, storing, prefetch } = reader;
  const open = (layer: Layer) => collect(openLayer(layer, signal));
  return { store, layers, fetched, open, openLayer, storing, prefetch };
}

const test = suite('open layer');

test('the stored tar is taken first', async () => {
  const { store, fetched, open } = setUp([gzip]);
  await store.ingest([tar]);
  assert.ok((await open(layerOf(describe(gzip)))).equals(tar));
  assert.equal(fetched, []);
});

test('a stored compressed form is unpacked, and what was learnt is kept', async () => {
  const { store, layers, fetched, open } = setUp();
  await store.ingest([gzip]);
  const unknown = describe(gzipSync(tar, { level: 1 }));
  assert.ok((await open(layerOf(unknown, describe(gzip)))).equals(tar));
  assert.equal(fetched, []);
  assert.equal(layers.known, { size: tar.length, blobs: [describe(gzip)] });
});

test('a form that only the layer index knows is found', async () => {
  const { store, layers, open } = setUp();
  await store.ingest([gzip]);
  layers.known.blobs.push(describe(gzip));
  assert.ok((await open(layerOf())).equals(tar));
});

test('what is not stored is fetched into the store, the next form where one fails', async () => {
  const { store, fetched, open } = setUp([gzip]);
  const dead = describe(Buffer.from('dead'));
  assert.ok((await open(layerOf(dead, describe(gzip)))).equals(tar));
  assert.equal(fetched, [dead.digest, describe(gzip).digest]);
  assert.ok(await store.info(describe(gzip).digest));
});

test('a layer that is nowhere: the error of the source, or ERR_BLOB_NOT_FOUND where no form is known', async () => {
  const { open } = setUp();
  assert.is(await codeOf(open(layerOf(describe(gzip)))), 'ERR_NETWORK');
  assert.is(await codeOf(open(layerOf())), 'ERR_BLOB_NOT_FOUND');
});

test('a sound blob that unpacks to another layer is refused, and not remembered', async () => {
  const forged = gzipSync('something else');
  const { layers, open } = setUp([forged]);
  assert.is(await codeOf(open(layerOf(describe(forged)))), 'ERR_DIGEST_MISMATCH');
  assert.equal(layers.known, { blobs: [] });
});

test('more bytes than the layer has are not passed on', async () => {
  const { open } = setUp([gzip]);
  assert.is(
    await codeOf(open({ diffID, size: tar.length - 1, blobs: [describe(gzip)] })),
    'ERR_DIGEST_MISMATCH',
  );
});

test('an aborted stream throws the reason', async () => {
  const { store, openLayer } = setUp();
  await store.ingest([gzip]);
  const controller = new AbortController();
  const stream = openLayer(layerOf(describe(gzip)), controller.signal)[Symbol.asyncIterator]();
  await stream.next();
  controller.abort(new Error('enough'));
  assert.is(await stream.next().catch((error: Error) => error.message), 'enough');
});

test('a layer is read while it is fetched, and a tar is stored while it is read', async () => {
  const { store, layers, fetched, storing } = setUp([gzip]);
  assert.ok((await collect(storing(layerOf(describe(gzip)), signal))).equals(tar));
  assert.ok(await store.info(digestOf(tar)));
  assert.ok(await store.info(describe(gzip).digest));
  assert.equal(layers.known, { size: tar.length, blobs: [describe(gzip)] });
  assert.ok((await collect(storing(layerOf(describe(gzip)), signal))).equals(tar));
  assert.equal(fetched, [describe(gzip).digest]);
});

test('a layer that unpacks to another one leaves no tar', async () => {
  const forged = gzipSync('something else');
  const { store, layers, storing } = setUp([forged]);
  const stream = storing(layerOf(describe(forged)), signal);
  assert.is(await codeOf(collect(stream)), 'ERR_DIGEST_MISMATCH');
  assert.equal([...store.blobs.keys()], [describe(forged).digest]);
  assert.equal(layers.known, { blobs: [] });
});

test('what was changed on its way is told as that, not as a bad archive', async () => {
  const broken = Buffer.from(gzip);
  broken[broken.length >> 1]! ^= 0xff;
  const blob = describe(gzip);
  for (const how of ['openLayer', 'storing'] as const) {
    const { store, [how]: read } = setUp([], () => broken);
    assert.is(await codeOf(collect(read(layerOf(blob), signal))), 'ERR_DIGEST_MISMATCH');
    assert.is(store.blobs.size, 0);
  }
});

test('layers that are fetched ahead are fetched once', async () => {
  const { fetched, open, prefetch } = setUp([gzip]);
  prefetch([layerOf(describe(gzip))], signal);
  while (fetched.length === 0) await new Promise(setImmediate);
  assert.ok((await open(layerOf(describe(gzip)))).equals(tar));
  assert.ok((await open(layerOf(describe(gzip)))).equals(tar));
  assert.equal(fetched, [describe(gzip).digest]);
});

test('what could not be fetched ahead is tried again', async () => {
  const { fetched, open, prefetch } = setUp([gzip], (_, times) => (times === 1 ? undefined : gzip));
  prefetch([layerOf(describe(gzip))], signal);
  while (fetched.length === 0) await new Promise(setImmediate);
  assert.ok((await open(layerOf(describe(gzip)))).equals(tar));
  assert.is(fetched.length, 2);
});

test.run();
