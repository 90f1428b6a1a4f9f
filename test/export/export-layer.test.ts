// exportLayer: what is known is not made again, the base's layers stay, and times are rewritten in the same pass.
import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExportLayerParts, exportLayer, type LayerWish } from '../../src/export/export-layer.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type DiffID, type Digest, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { Layer } from '../../src/seams.ts';
import { createMemoryContentStore } from '../support/memory-content-store.ts';

const { signal } = new AbortController();
const tar = Buffer.from('a tar, for all that this knows');
const diffID = digestOf(tar) as string as DiffID;
const own: Layer = { diffID, size: tar.length, blobs: [] };
const gzip: LayerWish = { compression: 'gzip', level: undefined, keep: false, epoch: undefined };

const test = suite('export/export-layer');

interface Bench {
  parts: ExportLayerParts;
  store: ReturnType<typeof createMemoryContentStore>;
  /** What was done. */
  log: string[];
}

function bench(): Bench {
  const store = createMemoryContentStore();
  const forms = new Map<string, { blobs: Descriptor[]; made: Record<string, string> }>();
  const of = (id: string) => forms.get(id) ?? { blobs: [], made: {} };
  const log: string[] = [];
  store.blobs.set(diffID as string as Digest, tar);
  const parts: ExportLayerParts = {
    store,
    async *openLayer(layer) {
      log.push('open');
      yield store.blobs.get(layer.diffID as string as Digest)!;
    },
    forms: async (id) => of(id),
    async remember(id, { blob, made }) {
      const known = of(id);
      forms.set(id, { blobs: blob ? [...known.blobs, blob] : known.blobs, made: { ...known.made, ...made } });
    },
    async *clampTimes(source, epoch) {
      yield Buffer.from(`${epoch}:`);
      yield* source;
    },
    async *compress(source, { compression, level }) {
      log.push(`${compression} ${level ?? ''}`.trim());
      const chunks: Buffer[] = [];
      for await (const chunk of source) chunks.push(chunk);
      yield gzipSync(Buffer.concat(chunks), { level: level ?? 6 });
    },
    async estargz(source) {
      log.push('estargz');
      async function* chunks() {
        for await (const chunk of source) yield gzipSync(Buffer.concat([Buffer.from('more '), chunk]));
      }
      const made = { diffID: digestOf('another') as string as DiffID, size: 5, annotations: { toc: 'x' } };
      return { chunks: chunks(), result: () => made };
    },
    async *fetch(blob) {
      log.push(`fetch ${blob.size}`);
      yield tar;
    },
    exclusive: (_name, _signal, work) => work(),
    slots: { take: async () => ({ [Symbol.dispose]() {} }) },
  };
  return { parts, store, log };
}

test('an eStargz layer is another layer, and made once', async () => {
  const { parts, log } = bench();
  const estargz: LayerWish = { ...gzip, compression: 'estargz' };
  const first = await exportLayer(own, estargz, { parts, signal });
  assert.is(first.diffID, digestOf('another'));
  assert.equal([first.blob.mediaType, first.blob.annotations], [mediaType.ociLayerGzip, { toc: 'x' }]);
  assert.equal(await exportLayer(own, estargz, { parts, signal }), first);
  const dated = await exportLayer(own, { ...estargz, epoch: 7 }, { parts, signal });
  assert.is.not(dated.blob.digest, first.blob.digest);
  await exportLayer(own, { ...estargz, level: 9 }, { parts, signal });
  assert.equal(log, ['estargz', 'open', 'estargz', 'open', 'estargz', 'open']);
  assert.is((await exportLayer(own, gzip, { parts, signal })).diffID, diffID);
});

test('a layer is compressed once for each compression and level', async () => {
  const { parts, store, log } = bench();
  const first = await exportLayer(own, gzip, { parts, signal });
  assert.is(first.diffID, diffID);
  assert.is(first.blob.mediaType, mediaType.ociLayerGzip);
  assert.ok(gunzipSync(store.blobs.get(first.blob.digest)!).equals(tar));
  assert.equal(await exportLayer(own, gzip, { parts, signal }), first);
  assert.equal(log, ['gzip', 'open']);
  await exportLayer(own, { ...gzip, level: 0 }, { parts, signal });
  const zstd = await exportLayer(own, { ...gzip, compression: 'zstd' }, { parts, signal });
  assert.is(zstd.blob.mediaType, mediaType.ociLayerZstd);
  await exportLayer(own, { ...gzip, level: 0 }, { parts, signal });
  assert.equal(log, ['gzip', 'open', 'gzip 0', 'open', 'zstd', 'open']);
});

test('what was made and removed is made again', async () => {
  const { parts, store, log } = bench();
  const { blob } = await exportLayer(own, gzip, { parts, signal });
  store.blobs.delete(blob.digest);
  assert.equal((await exportLayer(own, gzip, { parts, signal })).blob, blob);
  assert.is(log.length, 4);
});

test('uncompressed, a layer that is stored is taken as it is', async () => {
  const { parts, log } = bench();
  const { blob } = await exportLayer(own, { ...gzip, compression: 'uncompressed' }, { parts, signal });
  assert.equal(blob, { mediaType: mediaType.ociLayer, digest: diffID, size: tar.length });
  assert.equal(log, []);
});

test("the base's layer is kept, fetched where it is not stored; without keep it is made", async () => {
  const { parts, store, log } = bench();
  const blob = { mediaType: mediaType.dockerLayerGzip, digest: digestOf(tar), size: tar.length };
  const base: Layer = { ...own, blobs: [blob] };
  assert.equal(await exportLayer(base, { ...gzip, keep: true }, { parts, signal }), { diffID, blob });
  assert.equal(log, []);
  store.blobs.clear();
  await exportLayer(base, { ...gzip, keep: true }, { parts, signal });
  assert.equal(log, [`fetch ${tar.length}`]);
  await exportLayer(base, gzip, { parts, signal });
  assert.equal(log.slice(1), ['gzip', 'open']);
});

test('with an epoch the diffID is that of the rewritten tar, remembered for each epoch', async () => {
  const { parts, store, log } = bench();
  const at = (epoch: number, wish = gzip) => exportLayer(own, { ...wish, epoch }, { parts, signal });
  const first = await at(5);
  assert.is(first.diffID, digestOf(`5:${tar}`) as string);
  assert.is(gunzipSync(store.blobs.get(first.blob.digest)!).toString(), `5:${tar}`);
  assert.equal(await at(5), first);
  assert.equal(log, ['gzip', 'open']);
  assert.is.not((await at(6)).diffID, first.diffID);
  const plain = await at(5, { ...gzip, compression: 'uncompressed' });
  assert.is(plain.diffID, first.diffID);
  assert.is(plain.blob.digest, first.diffID as string);
  assert.equal(await at(5, { ...gzip, compression: 'uncompressed' }), plain);
  assert.is(log.filter((what) => what === 'open').length, 3);
});

test.run();
