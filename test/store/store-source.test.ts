import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createContentStore } from '../../src/store/content-store.ts';
import { createImageStore } from '../../src/store/image-store.ts';
import { createStoreSource } from '../../src/store/store-source.ts';
import { codeOf, collect } from '../contract/content-store.ts';
import { amd64, arm64, layerContent, putImage, putIndex } from './image-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-source-'));
const { signal } = new AbortController();
const store = createContentStore(root);
const source = createStoreSource(root);

const test = suite('store source');
test.after(() => rmSync(root, { recursive: true, force: true }));

test('an image is found by name and by digest, for its platform', async () => {
  const index = await putIndex(store, [
    { ...(await putImage(store, amd64)), platform: amd64 },
    { ...(await putImage(store, arm64)), platform: arm64 },
  ]);
  await createImageStore(root, store).tag('app:1', index);
  const image = await source.resolve('app:1', arm64, signal);
  assert.is(image.name, 'docker.io/library/app:1');
  assert.is(image.resolved, index.digest);
  assert.is(image.config.architecture, 'arm64');
  const layer = await collect(image.blob(image.manifest.layers[0]!, signal));
  assert.ok(layer.equals(layerContent(arm64)));
  const pinned = await source.resolve(`whatever@${image.descriptor.digest}`, arm64, signal);
  assert.equal(pinned.descriptor, image.descriptor);
});

test('what has no such name is not found', async () => {
  assert.is(await codeOf(source.resolve('app:2', amd64, signal)), 'ERR_IMAGE_NOT_FOUND');
  assert.is(await codeOf(source.resolve('No Name', amd64, signal)), 'ERR_BAD_REFERENCE');
});

test.run();
