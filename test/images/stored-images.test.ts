// list, tag, remove, history, inspect on images of the local store.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/images/open-store.ts';
import { hexOf } from '../../src/oci/digest.ts';
import { createCacheIndex } from '../../src/store/cache-index.ts';
import { rejects } from '../support/rejects.ts';
import { call, type ImageBench, imageBench } from './image-bench.ts';

const test = suite('stored images');
const day = (n: number): string => `2026-01-0${n}T00:00:00Z`;

test('images are listed newest first, each with its names, size and labels', async () => {
  await using bench = await imageBench();
  const old = await bench.add('app:1', { created: day(1), layers: ['a', 'b'], labels: { tier: 'x' } });
  await bench.add('db', { created: day(2) });
  await bench.engine.images.tag('app:1', 'registry.example.com/team/app:2');
  const images = await bench.engine.images.list({});
  assert.equal(
    images.map(({ names }) => names),
    [['docker.io/library/db:latest'], ['docker.io/library/app:1', 'registry.example.com/team/app:2']],
  );
  assert.is(images[1]!.id, old.config.digest);
  assert.is(images[1]!.size, old.layers[0]!.size * 2);
  assert.equal(images[1]!.labels, { tier: 'x' });
});

test('an image that loses its last name is dangling, and gets a name by its ID', async () => {
  await using bench = await imageBench();
  const first = await bench.add('app', { layers: ['one'] });
  await bench.add('app', { layers: ['two'] });
  const dangling = await bench.engine.images.list({ dangling: true });
  assert.equal(
    dangling.map(({ id, names }) => ({ id, names })),
    [{ id: first.config.digest, names: [] }],
  );
  await bench.engine.images.tag(hexOf(first.config.digest).slice(0, 10), 'old');
  assert.equal(await bench.engine.images.list({ dangling: true }), []);
  assert.equal(bench.names(), ['docker.io/library/app:latest', 'docker.io/library/old:latest']);
});

test('index.json follows the names', async () => {
  await using bench = await imageBench();
  const names = (): string[] =>
    JSON.parse(readFileSync(join(bench.root, 'index.json'), 'utf8')).manifests.map(
      (one: { annotations: Record<string, string> }) => one.annotations['io.containerd.image.name'],
    );
  await bench.add('a');
  await bench.engine.images.tag('a', 'b');
  assert.equal(names(), ['docker.io/library/a:latest', 'docker.io/library/b:latest']);
  await bench.engine.images.remove({ images: ['a'], force: false, keepBlobs: false }, call);
  assert.equal(names(), ['docker.io/library/b:latest']);
});

test('filters let through what they say', async () => {
  await using bench = await imageBench();
  await bench.add('busybox:1.0', { created: day(1), labels: { a: '1', b: '2' }, layers: ['x'] });
  await bench.add('busybox:2.0', { created: day(2), labels: { a: '2' }, layers: ['y'] });
  await bench.add('registry.example.com/team/app:1.0', { created: day(3), layers: ['z'] });
  await bench.add(undefined, { created: day(4), layers: ['w'] });
  const names = async (filter: object): Promise<string[]> =>
    (await bench.engine.images.list(filter)).map((image) => image.names[0] ?? '<none>');
  assert.equal(await names({ labels: ['a'] }), [
    'docker.io/library/busybox:2.0',
    'docker.io/library/busybox:1.0',
  ]);
  assert.equal(await names({ labels: ['a=1', 'b'] }), ['docker.io/library/busybox:1.0']);
  assert.equal(await names({ before: ['busybox:2.0'] }), ['docker.io/library/busybox:1.0']);
  assert.equal(await names({ since: ['busybox:2.0'] }), ['<none>', 'registry.example.com/team/app:1.0']);
  assert.equal(await names({ until: Date.parse(day(2)) }), ['docker.io/library/busybox:1.0']);
  assert.equal(await names({ references: ['busy*'] }), [
    'docker.io/library/busybox:2.0',
    'docker.io/library/busybox:1.0',
  ]);
  assert.equal(await names({ references: ['*:1.?'] }), ['docker.io/library/busybox:1.0']);
  assert.equal(await names({ references: ['*/*/app'] }), ['registry.example.com/team/app:1.0']);
  assert.equal(await names({ references: ['[a-c]usybox:[^1].0'] }), ['docker.io/library/busybox:2.0']);
  assert.equal(await names({ dangling: false, references: ['app'] }), []);
  await rejects(bench.engine.images.list({ references: ['[x'] }), 'ERR_USAGE', /pattern/);
  await rejects(bench.engine.images.list({ references: ['[z-a]'] }), 'ERR_USAGE', /pattern/);
  await rejects(bench.engine.images.list({ before: ['nothing'] }), 'ERR_IMAGE_NOT_FOUND');
});

test('an ID that fits several images is an error that lists them', async () => {
  await using bench = await imageBench();
  const ids = new Map<string, string>();
  for (let n = 0; ; n++) {
    const { config } = await bench.add(`image:${n}`, { layers: [`l${n}`] });
    const hex = hexOf(config.digest);
    const twin = ids.get(hex.slice(0, 2));
    if (twin !== undefined) {
      const error = await rejects(bench.engine.images.inspect([hex.slice(0, 2)]), 'ERR_USAGE', /fits/);
      assert.match(error.hint ?? '', hex.slice(0, 12));
      assert.is((await bench.engine.images.inspect([hex.slice(0, 20)]))[0]!.id, config.digest);
      return;
    }
    ids.set(hex.slice(0, 2), hex);
  }
});

test('an image is found by the digest of its manifest, with a name or alone', async () => {
  await using bench = await imageBench();
  const { manifest, config } = await bench.add('team/app:1');
  for (const text of [manifest.digest, `team/app@${manifest.digest}`, config.digest])
    assert.is((await bench.engine.images.inspect([text]))[0]!.id, config.digest);
  await rejects(bench.engine.images.inspect([`other@${manifest.digest}`]), 'ERR_IMAGE_NOT_FOUND');
});

test('removing a name keeps the image while it has another; then blobs that others share stay', async () => {
  await using bench = await imageBench();
  const one = await bench.add('one', { layers: ['shared', 'own'] });
  const two = await bench.add('two', { layers: ['shared'] });
  await bench.engine.images.tag('one', 'alias');
  const remove = async (...images: string[]) =>
    (await bench.engine.images.remove({ images, force: false, keepBlobs: false }, call)).removed;
  assert.equal(await remove('alias'), [{ untagged: ['docker.io/library/alias:latest'], deleted: [] }]);
  assert.equal(await remove('one'), [
    { untagged: ['docker.io/library/one:latest'], deleted: [one.config.digest, one.layers[1]!.digest] },
  ]);
  assert.equal(
    bench.blobs(),
    [two.manifest, two.config, two.layers[0]!].map(({ digest }) => hexOf(digest)).sort(),
  );
});

test('layers that the cache knows stay when their image goes', async () => {
  await using bench = await imageBench();
  const { layers } = await bench.add('app');
  const { digest, size } = layers[0]!;
  await createCacheIndex(bench.root).record(digest, {
    ...{ content: digest, diffID: digest as never, size, created: day(1) },
    ...{ seconds: 1, description: 'RUN x', tree: {} },
  });
  await bench.engine.images.remove({ images: ['app'], force: false, keepBlobs: false }, call);
  assert.equal(bench.blobs(), [hexOf(digest)]);
});

test('by its ID an image goes with its name; with several names only when forced', async () => {
  await using bench = await imageBench();
  const { config } = await bench.add('a');
  await bench.engine.images.tag('a', 'b');
  const id = hexOf(config.digest).slice(0, 12);
  const refused = await bench.engine.images.remove({ images: [id], force: false, keepBlobs: false }, call);
  assert.match(String(refused.failures[0]!.error), /several names: a:latest, b:latest/);
  const forced = await bench.engine.images.remove({ images: [id], force: true, keepBlobs: false }, call);
  assert.is(forced.removed[0]!.untagged.length, 2);
  assert.equal([bench.names(), bench.blobs()], [[], []]);
});

test('names that are digests go with the last tag of their repository', async () => {
  const remove = (bench: ImageBench, image: string) =>
    bench.engine.images.remove({ images: [image], force: false, keepBlobs: false }, call);
  const named = async (...more: string[]) => {
    const bench = await imageBench();
    const { manifest, config } = await bench.add('app:1');
    const { images } = openStore({ root: bench.root });
    for (const name of [`app@${manifest.digest}`, ...more]) await images.tag(name, images.resolve('app:1')!);
    return { bench, id: config.digest };
  };
  for (const byID of [false, true]) {
    const { bench, id } = await named();
    await using _ = bench;
    assert.equal((await remove(bench, byID ? id : 'app:1')).failures, []);
    assert.equal(bench.names(), []);
  }
  const { bench, id } = await named('app:2', 'other:1');
  await using _ = bench;
  const [failure] = (await remove(bench, id)).failures;
  assert.match((failure!.error as Error).message, /several names/);
  await remove(bench, 'app:1');
  assert.is(bench.names().length, 3);
  await remove(bench, 'app:2');
  assert.equal(bench.names(), ['docker.io/library/other:1']);
});

test('what is not there fails alone; forced, it is no error', async () => {
  await using bench = await imageBench();
  await bench.add('here');
  const result = await bench.engine.images.remove(
    { images: ['nowhere', 'here'], force: false, keepBlobs: false },
    call,
  );
  assert.is(result.removed.length, 1);
  assert.is(result.failures[0]!.image, 'nowhere');
  const forced = await bench.engine.images.remove(
    { images: ['nowhere'], force: true, keepBlobs: false },
    call,
  );
  assert.equal(forced, { removed: [], failures: [] });
});

test('the blobs of an image can be left to a prune', async () => {
  await using bench = await imageBench();
  await bench.add('app');
  const before = bench.blobs();
  await bench.engine.images.remove({ images: ['app'], force: false, keepBlobs: true }, call);
  assert.equal(bench.blobs(), before);
  await bench.engine.images.prune({ all: false }, call);
  assert.equal(bench.blobs(), []);
});

test('history tells what each step added, newest first', async () => {
  await using bench = await imageBench();
  const { layers, config } = await bench.add('app', {
    layers: ['a', 'b'],
    history: [
      { created: day(1), created_by: 'ADD a', comment: 'first' },
      { created: day(2), created_by: 'ENV x', empty_layer: true },
      { created: day(3), created_by: 'ADD b' },
    ],
  });
  const { id, entries } = await bench.engine.images.history('app');
  assert.is(id, config.digest);
  assert.equal(
    entries.map(({ createdBy, size, empty }) => [createdBy, size, empty]),
    [
      ['ADD b', layers[1]!.size, false],
      ['ENV x', 0, true],
      ['ADD a', layers[0]!.size, false],
    ],
  );
});

test('layers that a history does not speak of are told without words', async () => {
  await using bench = await imageBench();
  await bench.add('app', { layers: ['a', 'b'], history: [{ created_by: 'ADD b' }] });
  const { entries } = await bench.engine.images.history('app');
  assert.equal(
    entries.map(({ createdBy, empty }) => [createdBy, empty]),
    [
      ['ADD b', false],
      ['', false],
    ],
  );
});

test('an image whose blobs are damaged is still listed and can be removed', async () => {
  await using bench = await imageBench();
  const { manifest } = await bench.add('app');
  const { writeFileSync, rmSync } = await import('node:fs');
  const path = join(bench.root, 'blobs', 'sha256', hexOf(manifest.digest));
  rmSync(path);
  writeFileSync(path, 'damaged');
  assert.equal((await bench.engine.images.list({}))[0]!.names, ['docker.io/library/app:latest']);
  await rejects(bench.engine.images.inspect(['app']), 'ERR_BLOB_NOT_FOUND', /missing or damaged/);
  const { failures } = await bench.engine.images.remove(
    { images: ['app'], force: false, keepBlobs: false },
    call,
  );
  assert.equal(failures, []);
  assert.equal(bench.names(), []);
});

test('a name with the digest of something else is refused', async () => {
  await using bench = await imageBench();
  const { manifest } = await bench.add('app');
  const other = `app@sha256:${'0'.repeat(64)}`;
  const store = openStore({ root: bench.root });
  await rejects(store.images.tag(other, store.images.resolve('app')!), 'ERR_USAGE', /can't be the name/);
  await store.images.tag(`app@${manifest.digest}`, store.images.resolve('app')!);
  await rejects(
    bench.engine.images.import(
      {
        ...{ source: { path: 'nowhere.tar' }, name: other, changes: [], message: '', cwd: '/' },
        platform: undefined,
      },
      call,
    ),
    'ERR_USAGE',
    /has a digest/,
  );
  assert.equal(bench.names(), ['docker.io/library/app:latest', `docker.io/library/app@${manifest.digest}`]);
});

test('what several put into a list at once is all in it', async () => {
  await using bench = await imageBench();
  const names = ['a', 'b', 'c', 'd'].map((name) => `app:${name}`);
  const added = [];
  for (const name of names) added.push(await bench.add(name, { layers: [name.slice(-1)] }));
  const { images } = bench.engine;
  await Promise.all(
    names.map((name) => images.createList({ list: 'app:1', images: [name], amend: true }, call)),
  );
  const { manifests } = JSON.parse((await images.inspectManifest('app:1', call)).bytes.toString());
  assert.equal(
    manifests.map((one: { digest: string }) => one.digest).sort(),
    added.map(({ manifest }) => manifest.digest).sort(),
  );
});

test('a list is made of images, annotated, and removed without them', async () => {
  await using bench = await imageBench();
  const amd = await bench.add('app:amd64', { layers: ['x'] });
  const arm = await bench.add('app:arm', { layers: ['y'], platform: { os: 'linux', architecture: 'arm' } });
  const { images } = bench.engine;
  await images.createList({ list: 'app:1', images: ['app:amd64'], amend: false }, call);
  await rejects(
    images.createList({ list: 'app:1', images: ['app:arm'], amend: false }, call),
    'ERR_USAGE',
    /amend/,
  );
  await images.createList({ list: 'app:1', images: ['app:arm'], amend: true }, call);
  await images.annotateList({
    list: 'app:1',
    image: 'app:arm',
    annotation: { variant: 'v6', annotations: { k: 'v' } },
  });
  const { manifests } = JSON.parse((await images.inspectManifest('app:1', call)).bytes.toString());
  assert.equal(
    manifests.map((one: { digest: string; platform: object }) => [one.digest, one.platform]),
    [
      [amd.manifest.digest, { os: 'linux', architecture: 'amd64' }],
      [arm.manifest.digest, { os: 'linux', architecture: 'arm', variant: 'v6' }],
    ],
  );
  assert.equal(manifests[1].annotations, { k: 'v' });
  assert.equal((await images.list({ dangling: true })).length, 0, 'no list of before is left');
  assert.is(
    (await images.inspect(['app:1'], { os: 'linux', architecture: 'arm', variant: 'v6' }))[0]!.manifest
      .digest,
    arm.manifest.digest,
  );
  await rejects(images.removeLists(['app:arm']), 'ERR_USAGE', /no list/);
  await images.removeLists(['app:1']);
  assert.equal(bench.names(), ['docker.io/library/app:amd64', 'docker.io/library/app:arm']);
  await images.prune({ all: true }, call);
  assert.is((await images.inspect(['app:arm'])).length, 1);
});

test.run();
