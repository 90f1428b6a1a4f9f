// pull, push, copy, tags, search, login: against a real registry.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, type Engine } from '../../src/engine.ts';
import { openStore } from '../../src/images/open-store.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { rawTar } from '../layer/tar-build.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { pushBlob, pushImage, pushManifest } from '../support/push-image.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { blobOf, descriptorOf, indexOf, type SmallImage, smallImage } from '../support/small-image.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('registry engine');
const call = { signal: new AbortController().signal, onEvent() {} };

/** An image with one gzip layer, for one platform. */
function imageOf(text: string, architecture = 'amd64'): SmallImage {
  const tar = rawTar({ name: 'file', body: text });
  const layer = blobOf(mediaType.ociLayerGzip, gzipSync(tar));
  const config = blobOf(mediaType.ociConfig, {
    ...{ os: 'linux', architecture, config: {} },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  });
  const manifest = blobOf(mediaType.ociManifest, {
    ...{ schemaVersion: 2, mediaType: mediaType.ociManifest },
    ...{ config: descriptorOf(config), layers: [descriptorOf(layer)] },
  });
  return { manifest, config, layers: [layer] };
}

interface Bench {
  dir: TempDir;
  registry: DockerRegistry;
  engine(state: string, env?: Record<string, string>): Engine;
}

function it(title: string, body: (bench: Bench) => Promise<void>, options: { htpasswd?: string } = {}): void {
  test(title, async () => {
    if (!requireFeature('docker-registry', hasDockerRegistry())) return;
    await using dir = await tempDir();
    const registry = await startDockerRegistry(options);
    const engine: Bench['engine'] = (state, env = {}) =>
      createEngine({
        ...{ root: dir.file(state), isolation: 'auto', snapshotter: 'copy', parallelism: 2 },
        env: { PATH: process.env['PATH'], HOME: dir.file('home'), ...env },
      });
    try {
      await body({ dir, registry, engine });
    } finally {
      await registry.stop();
    }
  });
}

const storeOf = ({ dir }: Bench, state: string) => openStore({ root: dir.file(state) });

it('a pulled image is named, whole, and pulled once', async (bench) => {
  const { registry, engine } = bench;
  const image = imageOf('one');
  await pushImage({ host: registry.host, repository: 'team/app' }, image, '1');
  const name = `${registry.host}/team/app:1`;
  const request = { name, allTags: false, allPlatforms: false };
  const [first] = await engine('s').registries.pull(request, call);
  assert.equal([first!.name, first!.resolved, first!.isNew], [name, image.manifest.digest, true]);
  const { images, store } = storeOf(bench, 's');
  assert.is(images.resolve(name)?.digest, image.manifest.digest);
  for (const { digest } of [image.manifest, image.config, ...image.layers])
    assert.ok(await store.info(digest));
  const [again] = await engine('s').registries.pull(request, call);
  assert.is(again!.isNew, false);
  await rejects(
    engine('s').registries.pull({ ...request, name: `${registry.host}/team/app:2` }, call),
    'ERR_IMAGE_NOT_FOUND',
    /app:2 is not in the registry/,
  );
});

/** An index over two platforms, with an attestation. */
async function pushIndex(host: string, repository: string, tag: string) {
  const target = { host, repository };
  const images = [imageOf('amd'), imageOf('arm', 'arm64')];
  const note = smallImage({ layers: ['a statement'] });
  for (const image of [...images, note]) await pushImage(target, image);
  const index = indexOf([
    { blob: images[0]!.manifest, platform: { os: 'linux', architecture: 'amd64' } },
    { blob: images[1]!.manifest, platform: { os: 'linux', architecture: 'arm64' } },
    { blob: note.manifest, platform: { os: 'unknown', architecture: 'unknown' }, attestation: true },
  ]);
  await pushManifest(target, index, tag);
  return { index, images, note };
}

it('of several platforms the wanted one is pulled, or all', async (bench) => {
  const { registry, engine } = bench;
  const { index, images } = await pushIndex(registry.host, 'app', '1');
  const name = `${registry.host}/app:1`;
  const arm = { os: 'linux', architecture: 'arm64' };
  const [one] = await engine('s').registries.pull(
    { name, allTags: false, allPlatforms: false, platform: arm },
    call,
  );
  assert.equal([one!.resolved, one!.descriptor.digest], [index.digest, images[1]!.manifest.digest]);
  assert.is(await storeOf(bench, 's').store.info(images[0]!.layers[0]!.digest), undefined);
  const [all] = await engine('s').registries.pull({ name, allTags: false, allPlatforms: true }, call);
  assert.is(all!.descriptor.digest, index.digest);
  assert.ok(await storeOf(bench, 's').store.info(images[0]!.layers[0]!.digest));
  await rejects(
    engine('s').registries.pull(
      { name, allTags: false, allPlatforms: false, platform: { os: 'linux', architecture: 's390x' } },
      call,
    ),
    'ERR_IMAGE_NOT_FOUND',
    /no image for linux\/s390x/,
  );
});

it('what was pulled by its digest has a name, and can be saved by it', async (bench) => {
  const { registry, engine } = bench;
  const image = imageOf('one');
  await pushImage({ host: registry.host, repository: 'app' }, image, '1');
  const name = `${registry.host}/app@${image.manifest.digest}`;
  for (const asked of [name, `${registry.host}/app:1@${image.manifest.digest}`]) {
    const state = `s ${asked.length}`;
    await engine(state).registries.pull({ name: asked, allTags: false, allPlatforms: false }, call);
    assert.equal(
      storeOf(bench, state)
        .images.list()
        .map((one) => one.name),
      [name],
    );
    assert.is((await engine(state).images.inspect([asked]))[0]!.id, image.config.digest);
  }
});

it('what is not for a platform is not pushed for it', async ({ registry, engine }) => {
  const image = imageOf('arm', 'arm64');
  await pushImage({ host: registry.host, repository: 'app' }, image, '1');
  const name = `${registry.host}/app:1`;
  const platform = (architecture: string) => ({ os: 'linux', architecture });
  const pulled = { name, allTags: false, allPlatforms: false, platform: platform('arm64') };
  await engine('s').registries.pull(pulled, call);
  const push = (architecture: string) =>
    engine('s').registries.push({ name, allTags: false, platform: platform(architecture) }, call);
  await rejects(push('amd64'), 'ERR_IMAGE_NOT_FOUND', /no image for linux\/amd64/);
  assert.is((await push('arm64'))[0]!.descriptor.digest, image.manifest.digest);
});

it('an index in an index is pushed with it; of one that is here in part, a platform', async (bench) => {
  const { registry, engine } = bench;
  const { index, images } = await pushIndex(registry.host, 'app', '1');
  const outer = indexOf([{ blob: index }]);
  await pushManifest({ host: registry.host, repository: 'app' }, outer, 'outer');
  const name = `${registry.host}/app:outer`;
  await engine('s').registries.pull({ name, allTags: false, allPlatforms: true }, call);
  const other = await startDockerRegistry();
  try {
    const { images: names, store } = storeOf(bench, 's');
    const copy = `${other.host}/app:1`;
    await names.tag(copy, names.resolve(name)!);
    const [pushed] = await engine('s').registries.push({ name: copy, allTags: false }, call);
    assert.is(pushed!.descriptor.digest, outer.digest);
    const { rmSync } = await import('node:fs');
    rmSync(store.path(images[0]!.manifest.digest));
    await rejects(
      engine('s').registries.push({ name: copy, allTags: false }, call),
      'ERR_BLOB_NOT_FOUND',
      /is not here/,
    );
    const arm = { os: 'linux', architecture: 'arm64' };
    const [one] = await engine('s').registries.push({ name: copy, allTags: false, platform: arm }, call);
    assert.is(one!.descriptor.digest, images[1]!.manifest.digest);
  } finally {
    await other.stop();
  }
});

it('what was pulled is pushed elsewhere with the same digests, all tags of it too', async (bench) => {
  const { registry, engine } = bench;
  const { index } = await pushIndex(registry.host, 'app', '1');
  const other = await startDockerRegistry();
  try {
    const names = ['1', '2'].map((tag) => `${other.host}/mine:${tag}`);
    await engine('s').registries.pull(
      { name: `${registry.host}/app:1`, allTags: false, allPlatforms: true },
      call,
    );
    const { images } = storeOf(bench, 's');
    for (const name of names) await images.tag(name, images.resolve(`${registry.host}/app:1`)!);
    const pushed = await engine('s').registries.push({ name: `${other.host}/mine`, allTags: true }, call);
    assert.equal(
      pushed.map(({ name, descriptor }) => [name, descriptor.digest]),
      names.map((name) => [name, index.digest]),
    );
    assert.equal((await engine('s').registries.tags(`${other.host}/mine`, call)).sort(), ['1', '2']);
    const [back] = await engine('t').registries.pull(
      { name: names[1]!, allTags: false, allPlatforms: true },
      call,
    );
    assert.is(back!.resolved, index.digest);
    await rejects(
      engine('s').registries.push({ name: `${other.host}/nothing`, allTags: false }, call),
      'ERR_IMAGE_NOT_FOUND',
      /no image .*nothing:latest here/,
    );
  } finally {
    await other.stop();
  }
});

it('a copy takes everything along, between registries and within one', async ({ registry, engine }) => {
  const { index, images } = await pushIndex(registry.host, 'app', '1');
  const other = await startDockerRegistry();
  try {
    const source = `${registry.host}/app:1`;
    for (const destination of [`${other.host}/far:x`, `${registry.host}/near:x`]) {
      const { name, descriptor } = await engine('s').registries.copy({ source, destination }, call);
      assert.equal([name, descriptor.digest], [destination, index.digest]);
      const [back] = await engine(`back ${destination.length}`).registries.pull(
        { name: destination, allTags: false, allPlatforms: true },
        call,
      );
      assert.is(back!.resolved, index.digest);
    }
    const platform = { os: 'linux', architecture: 'arm64' };
    const one = await engine('s').registries.copy(
      { source, destination: `${other.host}/arm:x`, platform },
      call,
    );
    assert.is(one.descriptor.digest, images[1]!.manifest.digest);
  } finally {
    await other.stop();
  }
});

it('tags and repositories are listed over all pages', async ({ registry, engine }) => {
  const image = imageOf('one');
  const target = { host: registry.host, repository: 'team/app' };
  for (const blob of [image.config, ...image.layers]) await pushBlob(target, blob);
  const tags = Array.from({ length: 7 }, (_, i) => `v${i}`);
  for (const tag of tags) await pushManifest(target, image.manifest, tag);
  await pushImage({ host: registry.host, repository: 'other' }, image, '1');
  const { registries } = engine('s');
  assert.equal((await registries.tags(`${registry.host}/team/app`, call)).sort(), tags);
  assert.equal(await registries.search({ registry: registry.host, text: 'app' }, call), ['team/app']);
  assert.equal(await registries.search({ registry: registry.host, text: '' }, call), ['other', 'team/app']);
  await rejects(registries.tags(`${registry.host}/nothing`, call), 'ERR_IMAGE_NOT_FOUND', /nothing/);
  await rejects(registries.search({ registry: 'docker.io', text: '' }, call), 'ERR_UNSUPPORTED', /web site/);
});

/** Of the password `secret`, with bcrypt's least cost. */
const htpasswd = 'alice:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

it(
  'a login that is right is kept and used, a wrong one is not kept',
  async ({ registry, engine }) => {
    const { registries } = engine('s');
    const { host } = registry;
    const image = imageOf('one');
    await pushImage({ host, repository: 'app', login: 'alice:secret' }, image, '1');
    const pull = () => registries.pull({ name: `${host}/app:1`, allTags: false, allPlatforms: false }, call);
    await rejects(pull(), 'ERR_UNAUTHORIZED', /name and a password/);
    await rejects(
      registries.login({ registry: host, login: { username: 'alice', password: 'wrong' } }, call),
      'ERR_UNAUTHORIZED',
      /does not take the login/,
    );
    await rejects(pull(), 'ERR_UNAUTHORIZED', /name and a password/);
    const done = await registries.login(
      { registry: host, login: { username: 'alice', password: 'secret' } },
      call,
    );
    assert.is(done.needed, true);
    assert.is((await pull()).length, 1);
    assert.equal(await registries.search({ registry: host, text: '' }, call), ['app']);
    assert.is(await registries.logout(host, call), true);
    await rejects(pull(), 'ERR_UNAUTHORIZED', /name and a password/);
  },
  { htpasswd },
);

it('images that were pushed apart become one list by their digests, also from another repository', async (bench) => {
  const { registry, engine } = bench;
  const images = [imageOf('amd'), imageOf('arm', 'arm64')];
  for (const image of images) await pushImage({ host: registry.host, repository: 'app' }, image);
  const sources = images.map(({ manifest }) => `${registry.host}/app@${manifest.digest}`);
  for (const list of [`${registry.host}/app:1`, `${registry.host}/other/app:1`]) {
    const fresh = engine(`lists ${list.length}`);
    const digest = await fresh.images.createList({ list, images: sources, amend: false }, call);
    const pushed = await fresh.registries.push({ name: list, allTags: false, purge: true }, call);
    assert.is(pushed[0]!.descriptor.digest, digest);
    assert.equal(storeOf(bench, `lists ${list.length}`).images.list(), []);
    const { bytes } = await fresh.images.inspectManifest(list, call);
    assert.equal(
      JSON.parse(bytes.toString()).manifests.map((entry: { digest: string; platform: object }) => [
        entry.digest,
        entry.platform,
      ]),
      images.map(({ manifest }, i) => [
        manifest.digest,
        { architecture: ['amd64', 'arm64'][i], os: 'linux' },
      ]),
    );
    const [back] = await engine(`back ${list.length}`).registries.pull(
      { name: list, allTags: false, allPlatforms: true },
      call,
    );
    assert.is(back!.resolved, digest);
  }
  const other = await startDockerRegistry();
  try {
    const list = `${other.host}/far:1`;
    await engine('far').images.createList({ list, images: sources, amend: false }, call);
    await engine('far').registries.push({ name: list, allTags: false }, call);
    const [back] = await engine('far back').registries.pull(
      { name: list, allTags: false, allPlatforms: true },
      call,
    );
    assert.is(back!.isNew, true);
  } finally {
    await other.stop();
  }
});

it('a layer that is not what its digest says is not kept', async (bench) => {
  const { registry, engine, dir } = bench;
  const image = imageOf('one');
  await pushImage({ host: registry.host, repository: 'app' }, image, '1');
  const [layer] = image.layers;
  const hex = createHash('sha256').update(layer!.bytes).digest('hex');
  await registry.overwriteBlob(hex, Buffer.alloc(layer!.size, 7));
  await rejects(
    engine('s').registries.pull(
      { name: `${registry.host}/app:1`, allTags: false, allPlatforms: false },
      call,
    ),
    'ERR_DIGEST_MISMATCH',
  );
  const { images, store } = openStore({ root: dir.file('s') });
  assert.equal(images.list(), []);
  assert.is(await store.info(layer!.digest), undefined);
});

test.run();
