import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SlipwayError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { Layer } from '../../src/seams.ts';
import type { LayerForms, LayerIndex } from '../../src/store/layer-index.ts';
import { createOpenLayer } from '../../src/store/open-layer.ts';
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

function setUp(remote: Buffer[] = []) {
  const store = createMemoryContentStore();
  const layers = memoryLayers();
  const fetched: string[] = [];
  const openLayer = createOpenLayer({
    store,
    layers,
    async *decompress(source) {
      yield gunzipSync(await collect(source));
    },
    async *fetch(blob) {
      fetched.push(blob.digest);
      const found = remote.find((bytes) => digestOf(bytes) === blob.digest);
      if (!found) throw new SlipwayError('ERR_NETWORK', 'no answer');
      yield found;
    },
  });
  const open = (layer: Layer) => collect(openLayer(layer, signal));
  return { store, layers, fetched, open, openLayer };
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

test.run();
