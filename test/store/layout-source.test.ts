import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSlipwayError, type SlipwayError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import type { ContentStore, SourceImage } from '../../src/seams.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createLayoutSource } from '../../src/store/layout-source.ts';
import { bytesOf } from '../contract/bytes.ts';
import { collect } from '../contract/content-store.ts';
import { amd64, arm64, layerContent, put, putImage, putIndex } from './image-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-layout-'));
const { signal } = new AbortController();
let count = 0;

/** A layout whose index.json has the given entries, by tag. */
async function layout(
  make: (store: ContentStore) => Promise<[string | undefined, Descriptor][]>,
): Promise<{ path: string; store: ContentStore }> {
  const path = join(folder, `layout-${++count}`);
  const store = createContentStore(path);
  const manifests = (await make(store)).map(([tag, descriptor]) => ({
    ...descriptor,
    ...(tag ? { annotations: { 'org.opencontainers.image.ref.name': tag } } : {}),
  }));
  writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return { path, store };
}

const open = (reference: string, platform = amd64): Promise<SourceImage> =>
  createLayoutSource({ cwd: folder }).resolve(reference, platform, signal);

async function failure(work: Promise<unknown>): Promise<SlipwayError> {
  try {
    await work;
  } catch (error) {
    if (isSlipwayError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const test = suite('layout source');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('the only image needs no tag; its layer streams', async () => {
  const { path } = await layout(async (store) => [[undefined, await putImage(store, amd64)]]);
  const image = await open(path);
  assert.is(image.config.architecture, 'amd64');
  assert.is(image.resolved, image.descriptor.digest);
  assert.is(digestOf(image.raw.manifest), image.descriptor.digest);
  assert.is(digestOf(image.raw.config), image.manifest.config.digest);
  const layer = await collect(image.blob(image.manifest.layers[0]!, signal));
  assert.ok(layer.equals(layerContent(amd64)));
});

test('tags with colons and slashes are told from the path; relative paths start from cwd', async () => {
  await layout(async (store) => [
    ['latest', await putImage(store, amd64)],
    ['localhost:5000/x/y:1', await putImage(store, arm64)],
  ]);
  const name = `layout-${count}`;
  assert.is((await open(name)).config.architecture, 'amd64');
  assert.is((await open(`./${name}:latest`)).config.architecture, 'amd64');
  assert.is((await open(`${name}:localhost:5000/x/y:1`)).config.architecture, 'arm64');
});

test('an image is chosen by platform from an index, nested ones too', async () => {
  const { path } = await layout(async (store) => {
    const inner = await putIndex(store, [{ ...(await putImage(store, arm64)), platform: arm64 }]);
    const noise = {
      ...(await put(store, mediaType.ociManifest, { attestation: true })),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const outer = await putIndex(store, [
      noise,
      { ...(await putImage(store, amd64)), platform: amd64 },
      inner,
    ]);
    return [['multi', outer]];
  });
  const one = await open(`${path}:multi`);
  const other = await open(`${path}:multi`, arm64);
  assert.is(one.config.architecture, 'amd64');
  assert.is(other.config.architecture, 'arm64');
  assert.is(one.resolved, other.resolved);
  assert.is.not(one.resolved, one.descriptor.digest);
  const none = await failure(open(`${path}:multi`, { os: 'linux', architecture: 's390x' }));
  assert.is(none.code, 'ERR_IMAGE_NOT_FOUND');
  assert.is(none.hint, 'it has: linux/amd64, linux/arm64');
});

test('entries without a platform are told by their configs', async () => {
  const { path } = await layout(async (store) => {
    const index = await putIndex(store, [await putImage(store, amd64), await putImage(store, arm64)]);
    return [[undefined, index]];
  });
  assert.is((await open(path, arm64)).config.architecture, 'arm64');
});

test('a digest names an entry, or a manifest below one', async () => {
  let inner: Digest | undefined;
  const { path } = await layout(async (store) => {
    const image = await putImage(store, arm64);
    inner = image.digest;
    return [
      ['a', await putIndex(store, [{ ...image, platform: arm64 }])],
      ['b', await putImage(store, amd64)],
    ];
  });
  assert.is((await open(`${path}@${inner}`)).config.architecture, 'arm64');
  assert.is((await open(`${path}:a@${inner}`)).descriptor.mediaType, mediaType.ociManifest);
  assert.is((await failure(open(`${path}@${digestOf('none')}`))).code, 'ERR_IMAGE_NOT_FOUND');
});

test('what is missing is said, with what there is', async () => {
  const absent = await failure(open('absent:tag'));
  assert.is(absent.code, 'ERR_IMAGE_NOT_FOUND');
  assert.match(absent.message, '"absent"');
  mkdirSync(join(folder, 'empty'));
  const empty = await failure(open('empty:tag'));
  assert.is(empty.code, 'ERR_BAD_IMAGE');
  assert.match(empty.message, 'oci-layout');
  writeFileSync(join(folder, 'file.tar'), '');
  assert.match((await failure(open('file.tar'))).message, 'it is a file');
  const { path } = await layout(async (store) => [
    ['one', await putImage(store, amd64)],
    ['two', await putImage(store, arm64)],
  ]);
  assert.is((await failure(open(`${path}:three`))).hint, 'it has: one, two');
  assert.match((await failure(open(path))).message, 'none is "latest"');
});

test('a manifest or config that was changed is refused, and left where it is', async () => {
  const { path, store } = await layout(async (inner) => [['a', await putImage(inner, amd64)]]);
  const image = await open(path);
  for (const digest of [image.manifest.config.digest, image.descriptor.digest]) {
    const bytes = Buffer.concat([await store.read(digest), Buffer.from(' ')]);
    rmSync(store.path(digest));
    writeFileSync(store.path(digest), bytes);
    assert.is((await failure(open(path))).code, 'ERR_DIGEST_MISMATCH');
    assert.ok(await store.info(digest));
  }
});

test('a missing blob, a hostile size, indexes without end: errors, no hanging and no flood', async () => {
  const missing = { mediaType: mediaType.ociManifest, digest: digestOf('missing'), size: 7 };
  const flat = await layout(async (store) => {
    const big = await put(store, mediaType.ociManifest, bytesOf(5 << 20));
    return [
      ['big', big],
      ['lying', { ...big, size: 100 }],
      ['missing', missing],
      ['text', await put(store, mediaType.ociManifest, Buffer.from('no json'))],
    ];
  });
  assert.is((await failure(open(`${flat.path}:big`))).code, 'ERR_BAD_IMAGE');
  assert.is((await failure(open(`${flat.path}:lying`))).code, 'ERR_DIGEST_MISMATCH');
  assert.is((await failure(open(`${flat.path}:missing`))).code, 'ERR_BLOB_NOT_FOUND');
  assert.is((await failure(open(`${flat.path}:text`))).code, 'ERR_BAD_IMAGE');
  const deep = await layout(async (store) => {
    let top = await putImage(store, amd64);
    for (let i = 0; i < 8; i++) top = await putIndex(store, [top]);
    return [[undefined, top]];
  });
  assert.is((await failure(open(deep.path))).code, 'ERR_BAD_IMAGE');
});

test.run();
