import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExportedImage, PendingImage } from '../../src/export/image.ts';
import { ociTar, writeOciFolder } from '../../src/export/oci-layout.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { createMemoryContentStore } from '../support/memory-content-store.ts';
import { readOciImage, readTar } from '../support/oci-image.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('oci-layout');
const hasSkopeo = spawnSync('skopeo', ['--version']).status === 0;

async function layerTar(name: string, content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A store with an image of two layers, one of them twice. */
async function storedImage() {
  const store = createMemoryContentStore();
  const put = async (type: string, content: string | Buffer) => ({
    mediaType: type,
    ...(await store.ingest([Buffer.from(content)])),
  });
  const tars = [await layerTar('etc/motd', 'hello\n'), await layerTar('app', 'x'.repeat(70_000))];
  const [one, two] = [
    await put(mediaType.ociLayerGzip, gzipSync(tars[0]!)),
    await put(mediaType.ociLayer, tars[1]!),
  ];
  const layers = [one, two, one];
  const config = await put(
    mediaType.ociConfig,
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['/app'] },
      rootfs: { type: 'layers', diff_ids: [tars[0]!, tars[1]!, tars[0]!].map((tar) => digestOf(tar)) },
      history: [{}, {}, {}],
    }),
  );
  const manifest = { schemaVersion: 2, mediaType: mediaType.ociManifest, config, layers };
  const descriptor = await put(mediaType.ociManifest, JSON.stringify(manifest));
  const image: ExportedImage = { descriptor, manifests: [{ descriptor, config, layers }] };
  const pending: PendingImage = {
    layers: layers.map((layer) => Promise.resolve(layer)),
    image: Promise.resolve(image),
  };
  const options = { store, names: [] as string[], docker: false, mtime: 1_700_000_000 };
  return { store, image, pending, options };
}

async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  // A chunk holds only until the next is asked for.
  for await (const part of source) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

test('the tar is a sound layout that a second reader takes, with all layers', async () => {
  await using folder = await tempDir();
  const { pending, options, image } = await storedImage();
  writeFileSync(folder.file('image.tar'), await collected(ociTar(pending, options)));
  const read = await readOciImage(folder.file('image.tar'));
  assert.is(read.digest, image.descriptor.digest);
  assert.is(read.files.get('/etc/motd')?.content.toString(), 'hello\n');
  assert.is(read.files.get('/app')?.content.length, 70_000);
  assert.is(read.index.manifests.length, 1);
});

test('skopeo reads it', async () => {
  if (!requireFeature('skopeo', hasSkopeo)) return;
  await using folder = await tempDir();
  const { pending, options, image } = await storedImage();
  writeFileSync(
    folder.file('image.tar'),
    await collected(ociTar(pending, { ...options, names: ['me/app:1'] })),
  );
  const said = execFileSync('skopeo', ['inspect', `oci-archive:${folder.file('image.tar')}:1`], {
    encoding: 'utf8',
  });
  const { Digest: digest, Layers: layers } = JSON.parse(said) as { Digest: string; Layers: string[] };
  assert.is(digest, image.descriptor.digest);
  assert.is(layers.length, 3);
});

test('each blob is there once; times and modes are fixed, so that equal images are equal files', async () => {
  const { pending, options } = await storedImage();
  const first = await collected(ociTar(pending, options));
  const entries = await readTar(first);
  assert.is([...entries.keys()].filter((name) => /sha256\/./.test(name)).length, 4);
  for (const [name, entry] of entries) assert.is(entry.mtime.getTime(), 1_700_000_000_000, name);
  assert.equal(await collected(ociTar(pending, options)), first);
});

test('each name has an entry of the index, with the annotations that name it', async () => {
  const { pending, options } = await storedImage();
  const names = ['me/app:1', 'r.example/app:2'];
  const entries = await readTar(await collected(ociTar(pending, { ...options, names })));
  const index = JSON.parse(entries.get('index.json')!.content.toString());
  assert.equal(
    index.manifests.map((one: { annotations: object }) => one.annotations),
    [
      { 'io.containerd.image.name': 'docker.io/me/app:1', 'org.opencontainers.image.ref.name': '1' },
      { 'io.containerd.image.name': 'r.example/app:2', 'org.opencontainers.image.ref.name': '2' },
    ],
  );
});

test('for Docker there is a manifest.json with paths of the layout and names as people write them', async () => {
  const { pending, options, image } = await storedImage();
  const tar = await collected(ociTar(pending, { ...options, docker: true, names: ['app:1'] }));
  const entries = await readTar(tar);
  const [manifest, ...more] = JSON.parse(entries.get('manifest.json')!.content.toString());
  assert.equal(more, []);
  assert.equal(manifest.RepoTags, ['app:1']);
  assert.is(manifest.Config, `blobs/sha256/${image.manifests[0]!.config.digest.slice(7)}`);
  assert.equal(manifest.Layers.length, 3);
  for (const path of [manifest.Config, ...manifest.Layers]) assert.ok(entries.has(path), path);
});

/** What nothing caught while `work` ran, and would end the process. */
async function uncaughtIn(work: () => Promise<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  const listen = (error: unknown): void => {
    found.push(error);
  };
  process.on('uncaughtException', listen);
  try {
    await work();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', listen);
  }
  return found;
}

test('a blob that is gone or damaged ends the tar with an error, and nothing else', async () => {
  const { pending, options, store, image } = await storedImage();
  const digest = image.manifests[0]!.layers[1]!.digest;
  const damaged = await uncaughtIn(async () => {
    store.blobs.get(digest)![0]! ^= 1;
    await rejects(collected(ociTar(pending, options)), 'ERR_DIGEST_MISMATCH');
  });
  assert.equal(damaged, []);
  const gone = await uncaughtIn(async () => {
    store.blobs.delete(digest);
    await rejects(collected(ociTar(pending, options)), 'ERR_BLOB_NOT_FOUND');
  });
  assert.equal(gone, []);
});

test('who stops reading the tar leaves no blob open', async () => {
  const { pending, options, store } = await storedImage();
  let open = 0;
  const counting = {
    ...store,
    async *open(digest: Digest) {
      open++;
      try {
        yield* store.open(digest);
      } finally {
        open--;
      }
    },
  };
  for await (const chunk of ociTar(pending, { ...options, store: counting })) if (chunk.length > 0) break;
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.is(open, 0);
});

test('the folder is a sound layout, written a second time over itself', async () => {
  await using folder = await tempDir();
  const { pending, options, image } = await storedImage();
  for (let time = 0; time < 2; time++) await writeOciFolder(pending, folder.path, options);
  assert.is((await readOciImage(folder.path)).digest, image.descriptor.digest);
  assert.equal(readdirSync(folder.path).sort(), ['blobs', 'index.json', 'oci-layout']);
});

test('a folder whose blobs fail has no index that names them, and nothing half-written', async () => {
  await using folder = await tempDir();
  const { pending, options, store, image } = await storedImage();
  store.blobs.get(image.manifests[0]!.layers[1]!.digest)![0]! ^= 1;
  await rejects(writeOciFolder(pending, folder.path, options), 'ERR_DIGEST_MISMATCH');
  assert.equal(readdirSync(folder.path), ['blobs']);
  for (const name of readdirSync(folder.file('blobs/sha256')))
    assert.is(digestOf(readFileSync(folder.file('blobs/sha256', name))), `sha256:${name}`);
});

test.run();
