import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DiffID, digestOf, hexOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { createLayerIndex } from '../../src/store/layer-index.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-layers-'));
const diffID = digestOf('tar') as string as DiffID;
const blob = (name: string) => ({
  mediaType: mediaType.ociLayerGzip,
  digest: digestOf(name),
  size: name.length,
});

const test = suite('layer index');
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a layer of which nothing is known has no forms', async () => {
  assert.equal(await createLayerIndex(join(folder, 'none')).forms(diffID), { blobs: [] });
});

test('forms add up in their order, once each; the first size stays', async () => {
  const layers = createLayerIndex(join(folder, 'a'));
  await layers.add(diffID, { blob: blob('one') });
  await layers.add(diffID, { size: 1024, blob: blob('two') });
  await layers.add(diffID, { size: 1, blob: blob('one') });
  assert.equal(await createLayerIndex(join(folder, 'a')).forms(diffID), {
    size: 1024,
    blobs: [blob('one'), blob('two')],
  });
});

test('nothing is lost when several add at once', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(
    names.map((name) => createLayerIndex(join(folder, 'b')).add(diffID, { blob: blob(name) })),
  );
  const { blobs } = await createLayerIndex(join(folder, 'b')).forms(diffID);
  assert.equal(blobs.map(({ digest }) => digest).sort(), names.map((name) => digestOf(name)).sort());
});

test('what was made stays by how, the newest of it, and not without bound', async () => {
  const layers = createLayerIndex(join(folder, 'made'));
  await layers.add(diffID, { blob: blob('one'), made: { 'gzip 6': blob('one').digest } });
  await layers.add(diffID, { made: { 'epoch 5': 'x' } });
  await layers.add(diffID, { made: { 'epoch 5': 'y' } });
  assert.equal(await createLayerIndex(join(folder, 'made')).forms(diffID), {
    blobs: [blob('one')],
    made: { 'gzip 6': blob('one').digest, 'epoch 5': 'y' },
  });
  for (let epoch = 10; epoch < 50; epoch++) await layers.add(diffID, { made: { [`epoch ${epoch}`]: 'z' } });
  const { made = {} } = await layers.forms(diffID);
  assert.is(Object.keys(made).length, 32);
  assert.is(made['epoch 49'], 'z');
});

test('a torn file is absent', async () => {
  const layers = createLayerIndex(join(folder, 'c'));
  await layers.add(diffID, { blob: blob('one') });
  writeFileSync(join(folder, 'c/layers-v1', `${hexOf(diffID)}.json`), '"sha256:');
  assert.equal(await layers.forms(diffID), { blobs: [] });
  await layers.add(diffID, { blob: blob('two') });
  assert.equal(await layers.forms(diffID), { blobs: [blob('two')] });
});

test.run();
