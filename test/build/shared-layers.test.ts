// Layers of shared caches: asked for where they are said to be, and not twice where they are not.
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSharedLayers, type LayerOrigin, losing } from '../../src/build/shared-layers.ts';
import { SlipwayError } from '../../src/errors.ts';
import { type DiffID, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';

const test = suite('createSharedLayers');
const { signal } = new AbortController();
const diffID = digestOf('layer') as string as DiffID;
const blobOf = (text: string) => ({
  mediaType: mediaType.ociLayerGzip,
  digest: digestOf(text),
  size: text.length,
});

function origin(name: string, content: string | undefined): LayerOrigin & { asked: number } {
  const self = {
    name,
    repository: undefined,
    asked: 0,
    async *open() {
      self.asked++;
      if (content === undefined) throw new SlipwayError('ERR_BLOB_NOT_FOUND', 'gone');
      yield Buffer.from(content);
    },
  };
  return self;
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += Buffer.from(chunk).toString();
  return text;
}

test('where one cache has lost a blob, the next one is asked, and the first not again', async () => {
  const shared = createSharedLayers();
  const [first, second] = [origin('first', undefined), origin('second', 'blob')];
  for (const one of [first, second]) shared.add(diffID, { blob: blobOf('blob') }, one);
  assert.is(await read(shared.open(blobOf('blob'), signal)), 'blob');
  assert.is(await read(shared.open(blobOf('blob'), signal)), 'blob');
  assert.equal([first.asked, second.asked], [1, 2]);
  assert.is(shared.losses(), 0);
});

test('a layer is lost with the last of its forms', async () => {
  const shared = createSharedLayers();
  shared.add(diffID, { blob: blobOf('gzip') }, origin('a', undefined));
  shared.add(diffID, { blob: blobOf('zstd') }, origin('b', 'forged'));
  assert.ok(await read(shared.open(blobOf('gzip'), signal)).catch(() => true));
  assert.ok(shared.has(diffID));
  const failure = await read(shared.open(blobOf('zstd'), signal)).catch((error: SlipwayError) => error);
  assert.is((failure as SlipwayError).code, 'ERR_DIGEST_MISMATCH');
  assert.not.ok(shared.has(diffID));
  assert.ok(shared.isLost(diffID));
  assert.is(shared.origin(blobOf('zstd').digest), undefined);
  shared.found(diffID);
  assert.not.ok(shared.isLost(diffID));
});

test('a blob that unpacks to another layer loses it, an abort does not', async () => {
  const shared = createSharedLayers();
  shared.add(diffID, { blob: blobOf('blob') }, origin('a', 'blob'));
  const store = { info: async () => undefined, open: () => Readable.from([]) };
  const open = losing({ shared, damages: { missing: () => {} }, store }, async function* () {
    yield Buffer.alloc(0);
    throw new Error('not the layer');
  });
  const layer = { diffID, size: undefined, blobs: [] };
  const stopped = AbortSignal.abort(new Error('enough'));
  await read(open(layer, stopped)).catch(() => undefined);
  assert.not.ok(shared.isLost(diffID));
  await read(open(layer, signal)).catch(() => undefined);
  assert.ok(shared.isLost(diffID));
});

test('forms of the store come before those of caches', async () => {
  const shared = createSharedLayers();
  shared.add(diffID, { blob: blobOf('far'), made: 'gzip default' }, origin('a', 'far'));
  const known = { blobs: [blobOf('near')], made: { 'gzip default': blobOf('near').digest } };
  const index = shared.index({ forms: async () => known, add: async () => {} });
  const { blobs, made } = await index.forms(diffID);
  assert.equal(blobs, [blobOf('near'), blobOf('far')]);
  assert.equal(made, known.made);
});

test.run();
