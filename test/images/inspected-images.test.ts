// layers and diff over tars that anyone may have made: sparse files, attributes, odd names, damage; and which image is meant.
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageDiff, LayersReport } from '../../src/index.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createImageStore } from '../../src/store/image-store.ts';
import { type RawEntry, rawTar } from '../layer/tar-build.ts';
import { rejects } from '../support/rejects.ts';
import { descriptorOf, indexOf, type SmallImage, smallImage } from '../support/small-image.ts';
import { call, type ImageBench, imageBench } from './image-bench.ts';

const test = suite('inspected images');

async function store(bench: ImageBench, name: string, image: SmallImage): Promise<void> {
  const content = createContentStore(bench.root);
  for (const { bytes, digest } of [...image.layers, image.config, image.manifest])
    await content.ingest([bytes], { digest });
  await createImageStore(bench.root, content).tag(name, descriptorOf(image.manifest));
}

const imageOf = (...layers: RawEntry[][]): SmallImage =>
  smallImage({ layers: layers.map((entries) => rawTar(...entries)) });

const layersOf = (
  bench: ImageBench,
  image: string,
  platform?: { os: string; architecture: string },
): Promise<LayersReport> =>
  bench.engine.images.layers({ image, platform, top: 10, files: true, cwd: bench.path }, call);
const diffOf = async (bench: ImageBench, before: string, after: string): Promise<ImageDiff> =>
  (
    await bench.engine.images.diff(
      { before, after, platform: undefined, times: false, texts: false, cwd: bench.path },
      call,
    )
  ).diff;

const app = 'docker.io/library/app:1';

test('whiteouts of all kinds, hard links, attributes, devices and names that are no UTF-8', async () => {
  await using bench = await imageBench();
  await store(
    bench,
    app,
    imageOf(
      [
        { name: 'd/', type: '5', mode: 0o755 },
        { name: 'd/x', body: 'xx' },
        { name: './d/../d/y', body: 'yyy' },
        { name: 'h', type: '1', link: 'd/x' },
        { name: Buffer.from([0x6f, 0xff]), body: 'odd' },
        { name: 'null', type: '3', major: 1, minor: 3 },
      ],
      [
        { name: 'd/.wh.y' },
        { name: 'd/.wh..wh..opq' },
        { name: '.wh..wh.plnk' },
        { name: 'attr', body: 'a', pax: { 'SCHILY.xattr.security.capability': Buffer.from([1, 0xff]) } },
      ],
    ),
  );
  const { layers, total } = await layersOf(bench, 'app:1');
  assert.equal(layers[0]!.added, { files: 5, bytes: 8 });
  assert.equal(layers[1]!.deleted, { files: 2, bytes: 3 });
  assert.equal([total.bytes, total.reachable, total.files], [9, 6, 4]);
  assert.ok(layers[0]!.changes!.some(({ path }) => path === 'o\udcff'));
  assert.ok(layers[0]!.changes!.some(({ path, type }) => path === 'null' && type === 'char'));
});

test('a sparse file has its size with the holes, and the content that it unpacks to', async () => {
  await using bench = await imageBench();
  const map = Buffer.alloc(512);
  map.write('1\n1000\n4\n');
  const sparse: RawEntry = {
    body: Buffer.concat([map, Buffer.from('data')]),
    pax: {
      ...{ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' },
      ...{ 'GNU.sparse.realsize': '2000', 'GNU.sparse.name': 's' },
    },
  };
  await store(bench, app, imageOf([sparse]));
  const whole = Buffer.alloc(2000);
  whole.write('data', 1000);
  await store(bench, 'docker.io/library/whole:1', imageOf([{ name: 's', body: whole }]));
  const { total } = await layersOf(bench, 'app:1');
  assert.is(total.bytes, 2000);
  assert.equal((await diffOf(bench, 'app:1', 'whole:1')).files, []);
});

test('attributes and owners count in a comparison', async () => {
  await using bench = await imageBench();
  const pax = { 'SCHILY.xattr.user.a': 'b' };
  await store(
    bench,
    app,
    imageOf([
      { name: 'f', body: '1' },
      { name: 'g', body: '1', pax },
    ]),
  );
  await store(
    bench,
    'docker.io/library/b:1',
    imageOf([
      { name: 'f', body: '1', pax: { uid: '3000000' } },
      { name: 'g', body: '1' },
    ]),
  );
  const { files } = await diffOf(bench, 'app:1', 'b:1');
  assert.equal(
    files.map(({ path, aspects }) => [path, ...aspects]),
    [
      ['f', 'owner'],
      ['g', 'xattrs'],
    ],
  );
  assert.is(files[0]!.after!.uid, 3_000_000);
});

test('tars that do harm are refused by name', async () => {
  await using bench = await imageBench();
  for (const [entries, why] of [
    [[{ name: '../out' }], /leads out of the root/],
    [[{ name: 'd/.wh...' }], /is no whiteout/],
    [[{ name: 'f', size: 4096 }], /ends too early/],
    [[{ name: './' }], /root is no directory/],
    [
      [{ name: 'a', type: '2', link: 'b' }, { name: 'b', type: '2', link: 'a' }, { name: 'a/x' }],
      /too many symbolic links/,
    ],
  ] as [RawEntry[], RegExp][]) {
    await store(bench, app, imageOf(entries));
    await rejects(layersOf(bench, 'app:1'), 'ERR_BAD_ARCHIVE', why);
  }
});

test('a layer that is not what the config says is refused, in the store and in a layout', async () => {
  await using bench = await imageBench();
  const tar = rawTar({ name: 'f', body: '1' });
  const forged = smallImage({ layers: [gzipSync(tar)], diffIDs: [digestOf('something else')] });
  await store(bench, app, forged);
  await rejects(layersOf(bench, 'app:1'), 'ERR_DIGEST_MISMATCH');
  await bench.engine.images.save(
    {
      images: ['app:1'],
      format: 'oci-dir',
      dest: 'out',
      platform: undefined,
      cwd: bench.path,
      stdout: undefined,
    },
    call,
  );
  await rejects(layersOf(bench, 'oci:out'), 'ERR_DIGEST_MISMATCH');
  assert.equal(readdirSync(join(bench.root, 'tmp')), [], 'nothing is left of it');
});

test('of several platforms one is chosen, of several images in an archive one has to be named', async () => {
  await using bench = await imageBench();
  const amd = smallImage({ layers: [rawTar({ name: 'amd', body: '1' })] });
  const arm = smallImage({
    layers: [rawTar({ name: 'arm', body: '22' })],
    platform: { os: 'linux', architecture: 'arm64' },
  });
  await store(bench, 'docker.io/library/one:1', amd);
  await store(bench, 'docker.io/library/two:1', arm);
  const content = createContentStore(bench.root);
  const index = indexOf([
    { blob: amd.manifest, platform: { os: 'linux', architecture: 'amd64' } },
    { blob: arm.manifest, platform: { os: 'linux', architecture: 'arm64' } },
  ]);
  await content.ingest([index.bytes], { digest: index.digest });
  await createImageStore(bench.root, content).tag('docker.io/library/both:1', descriptorOf(index));
  const platform = { os: 'linux', architecture: 'arm64' };
  const { image, total } = await layersOf(bench, 'both:1', platform);
  assert.equal([image.platform, total.bytes], ['linux/arm64', 2]);
  await rejects(layersOf(bench, 'both:1', { os: 'linux', architecture: 's390x' }), 'ERR_IMAGE_NOT_FOUND');
  const save = { format: 'oci-archive' as const, platform: undefined, cwd: bench.path, stdout: undefined };
  await bench.engine.images.save({ ...save, images: ['one:1', 'two:1'], dest: 'all.tar' }, call);
  await rejects(layersOf(bench, 'oci-archive:all.tar'), 'ERR_USAGE', /has 2 images/);
  assert.is((await layersOf(bench, 'oci-archive:all.tar:two:1')).total.bytes, 2);
  await rejects(layersOf(bench, 'oci-archive:all.tar:three'), 'ERR_IMAGE_NOT_FOUND');
  await rejects(layersOf(bench, 'oci-archive:missing.tar'), 'ERR_SOURCE_NOT_FOUND');
  await writeFile(bench.file('junk.tar'), 'no tar');
  await rejects(layersOf(bench, 'docker-archive:junk.tar'), 'ERR_BAD_ARCHIVE');
  await rejects(layersOf(bench, 'nothing'), 'ERR_IMAGE_NOT_FOUND');
});

test('an image without layers has nothing in it', async () => {
  await using bench = await imageBench();
  await store(bench, app, smallImage({ layers: [] }));
  const { total, layers } = await layersOf(bench, 'app:1');
  assert.equal([total.bytes, total.wastedPercent, total.efficiency, layers.length], [0, 0, 1, 0]);
  assert.ok((await diffOf(bench, 'app:1', 'app:1#0')).equal);
});

test('an abort ends the reading', async () => {
  await using bench = await imageBench();
  await store(bench, app, imageOf([{ name: 'f', body: '1' }]));
  const reason = new Error('enough');
  const aborted = { ...call, signal: AbortSignal.abort(reason) };
  const request = { image: 'app:1', platform: undefined, top: 1, files: false, cwd: '/' };
  await bench.engine.images.layers(request, aborted).then(
    () => assert.unreachable(),
    (error) => assert.is(error, reason),
  );
});

test.run();
