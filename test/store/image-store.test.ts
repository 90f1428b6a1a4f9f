import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, hexOf } from '../../src/oci/digest.ts';
import type { Index } from '../../src/oci/manifest.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createImageStore } from '../../src/store/image-store.ts';
import { codeOf } from '../contract/content-store.ts';
import { requireFeature } from '../support/require-feature.ts';
import { amd64, putImage } from './image-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-images-'));
let count = 0;

function setUp() {
  const root = join(folder, String(++count));
  const store = createContentStore(root);
  const images = createImageStore(root, store);
  const index = () => JSON.parse(readFileSync(join(root, 'index.json'), 'utf8')) as Index;
  return { root, store, images, index };
}

const test = suite('image store');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('an image is found by any form of its name', async () => {
  const { store, images } = setUp();
  const descriptor = await putImage(store, amd64);
  assert.is(images.resolve('app'), undefined);
  await images.tag('app', descriptor);
  assert.equal(images.resolve('docker.io/library/app:latest'), descriptor);
  assert.equal(images.resolve('app:latest'), descriptor);
  assert.is(images.resolve('app:1'), undefined);
});

test('names are listed in order; a name given again leads to the new image', async () => {
  const { store, images } = setUp();
  const descriptor = await putImage(store, amd64);
  const other = await putImage(store, { ...amd64, architecture: 's390x' });
  await images.tag('b', descriptor);
  await images.tag('a:1', descriptor);
  await images.tag('b', other);
  assert.equal(
    images.list().map((tag) => [tag.name, tag.descriptor.digest]),
    [
      ['docker.io/library/a:1', descriptor.digest],
      ['docker.io/library/b:latest', other.digest],
    ],
  );
  assert.ok(Math.abs(Date.parse(images.list()[0]!.created) - Date.now()) < 60_000);
});

test('a removed name is gone, its blobs stay, and removing it again does nothing', async () => {
  const { store, images, index } = setUp();
  const descriptor = await putImage(store, amd64);
  await images.tag('app', descriptor);
  assert.is(await images.remove('app:latest'), true);
  assert.is(await images.remove('app:latest'), false);
  assert.is(images.resolve('app'), undefined);
  assert.equal(index().manifests, []);
  assert.ok(await store.info(descriptor.digest));
});

test('index.json has every name in full', async () => {
  const { store, images, index } = setUp();
  const descriptor = { ...(await putImage(store, amd64)), annotations: { kept: 'yes' } };
  await images.tag('localhost:5000/x/y:1', descriptor);
  assert.equal(index().manifests, [
    {
      ...descriptor,
      annotations: {
        kept: 'yes',
        'org.opencontainers.image.ref.name': 'localhost:5000/x/y:1',
        'io.containerd.image.name': 'localhost:5000/x/y:1',
      },
    },
  ]);
});

test('names given at once are all there, and in index.json', async () => {
  const { root, store, index } = setUp();
  const descriptor = await putImage(store, amd64);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(names.map((name) => createImageStore(root, store).tag(name, descriptor)));
  assert.is(index().manifests.length, names.length);
  assert.equal(readdirSync(join(root, 'locks')), []);
});

test('what is not stored gets no name, and what is no reference neither', async () => {
  const { store, images } = setUp();
  const absent = { mediaType: '', digest: digestOf('absent'), size: 6 };
  assert.is(await codeOf(images.tag('app', absent)), 'ERR_BLOB_NOT_FOUND');
  assert.is(await codeOf(images.tag('App', await putImage(store, amd64))), 'ERR_BAD_REFERENCE');
  assert.equal(images.list(), []);
});

test('a torn file of a name is no name', async () => {
  const { root, store, images } = setUp();
  await images.tag('app', await putImage(store, amd64));
  const name = `${hexOf(digestOf('docker.io/library/app:latest'))}.json`;
  writeFileSync(join(root, 'images-v1', name), '{"name":"docker.io');
  assert.is(images.resolve('app'), undefined);
  assert.equal(images.list(), []);
});

test('skopeo reads the store by name', async () => {
  if (!requireFeature('skopeo', spawnSync('skopeo', ['--version']).status === 0)) return;
  const { root, store, images } = setUp();
  const descriptor = await putImage(store, amd64);
  await images.tag('app', descriptor);
  await images.tag('localhost:5000/x/y:1', await putImage(store, { ...amd64, architecture: 's390x' }));
  const read = (name: string) => execFileSync('skopeo', ['inspect', '--raw', `oci:${root}:${name}`]);
  assert.is(digestOf(read('docker.io/library/app:latest')), descriptor.digest);
  assert.ok(JSON.parse(read('localhost:5000/x/y:1').toString('utf8')).layers);
});

test.run();
