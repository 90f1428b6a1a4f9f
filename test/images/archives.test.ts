// load, save and import: archives as others write them, and as nobody should.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../../src/images/open-store.ts';
import { hexOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';
import { readOciImage, readTar } from '../support/oci-image.ts';
import { rejects } from '../support/rejects.ts';
import { blobOf, descriptorOf, indexOf } from '../support/small-image.ts';
import { call, type ImageBench, imageBench, imageOf, tarOf } from './image-bench.ts';

const test = suite('image archives');

type Entry = [name: string, content: Buffer | string, headers?: Partial<Header> | undefined];

async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const out = pack();
  for (const [name, content, headers] of entries) {
    if (headers?.type && headers.type !== 'file') out.entry({ name, ...headers });
    else out.entry({ name, ...headers }, content as string);
  }
  out.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of out) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

const loadBytes = (bench: ImageBench, bytes: Buffer) =>
  bench.engine.images.load({ source: { stream: chunks(bytes) }, platform: undefined, cwd: '/' }, call);

/** Nothing of what was refused may be found afterwards. */
function isUntouched(bench: ImageBench): void {
  assert.equal(bench.blobs(), []);
  assert.equal(bench.names(), []);
  const tmp = join(bench.root, 'tmp');
  assert.equal(existsSync(tmp) ? readdirSync(tmp) : [], []);
}

type Image = Awaited<ReturnType<typeof imageOf>>;
const blobEntry = ({ digest, bytes }: { digest: string; bytes: Buffer }): Entry => [
  `blobs/sha256/${digest.slice(7)}`,
  bytes,
];
const layout: Entry = ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'];
const index = (...manifests: object[]): Entry => [
  'index.json',
  JSON.stringify({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests }),
];
const named = (image: Image, name = 'app:1'): object => ({
  ...descriptorOf(image.manifest),
  annotations: { 'io.containerd.image.name': name },
});
const ociEntries = (image: Image, name?: string): Entry[] => [
  ...[...image.layers, image.config, image.manifest].map(blobEntry),
  layout,
  index(named(image, name)),
];
const dockerEntries = ({ config, layers }: Image, tags: string[] | null = ['old:1']): Entry[] => [
  ...layers.flatMap(({ bytes }, n): Entry[] => [
    [`${n}abc/`, '', { type: 'directory' }],
    [`${n}abc/VERSION`, '1.0'],
    [`${n}abc/layer.tar`, bytes],
  ]),
  ['config.json', config.bytes],
  [
    'manifest.json',
    JSON.stringify([
      { Config: 'config.json', RepoTags: tags, Layers: layers.map((_layer, n) => `${n}abc/layer.tar`) },
    ]),
  ],
];

test('an OCI archive is loaded with its name, ID and manifest', async () => {
  await using bench = await imageBench();
  const image = await imageOf({ layers: ['a', 'b'] });
  const loaded = await loadBytes(bench, await tar(ociEntries(image)));
  assert.equal(
    loaded.map(({ name, id }) => [name, id]),
    [['docker.io/library/app:1', image.config.digest]],
  );
  assert.is(loaded[0]!.descriptor.digest, image.manifest.digest);
  assert.is((await bench.engine.images.inspect(['app:1']))[0]!.size, image.layers[0]!.size * 2);
});

test('any order of entries will do, and ./ before their names', async () => {
  await using bench = await imageBench();
  const entries = ociEntries(await imageOf())
    .reverse()
    .map(([name, content]): Entry => [`./${name}`, content]);
  assert.is((await loadBytes(bench, await tar(entries))).length, 1);
});

test('an archive of several images gives each its name; a bare tag is none', async () => {
  await using bench = await imageBench();
  const [one, two] = [await imageOf({ layers: ['1'] }), await imageOf({ layers: ['2'] })];
  const bare = {
    ...descriptorOf(two.manifest),
    annotations: { 'org.opencontainers.image.ref.name': 'latest' },
  };
  const blobs = [one, two].flatMap((image) => [...image.layers, image.config, image.manifest].map(blobEntry));
  const loaded = await loadBytes(
    bench,
    await tar([...blobs, layout, index(named(one, 'app:1'), named(one, 'app:2'), bare)]),
  );
  assert.equal(
    loaded.map(({ name }) => name),
    ['docker.io/library/app:1', 'docker.io/library/app:2', undefined],
  );
  assert.is((await bench.engine.images.list({ dangling: true }))[0]!.id, two.config.digest);
});

test("docker's archive with folders of layers is loaded, and saved again as a layout", async () => {
  await using bench = await imageBench();
  const image = await imageOf({ layers: ['a', 'b'] });
  const loaded = await loadBytes(bench, await tar(dockerEntries(image)));
  assert.equal(
    loaded.map(({ name, id }) => [name, id]),
    [['docker.io/library/old:1', image.config.digest]],
  );
});

test("docker's archive whose layers are links to others is loaded", async () => {
  await using bench = await imageBench();
  const { config, layers } = await imageOf();
  const hex = hexOf(layers[0]!.digest);
  const loaded = await loadBytes(
    bench,
    await tar([
      [`${hex}.tar`, layers[0]!.bytes],
      ['id/layer.tar', '', { type: 'symlink', linkname: `../${hex}.tar` }],
      ['c.json', config.bytes],
      ['manifest.json', JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: ['id/layer.tar'] }])],
    ]),
  );
  assert.equal(
    loaded.map(({ name, id }) => [name, id]),
    [[undefined, config.digest]],
  );
});

test('an index is loaded whole, or the one platform that is asked for', async () => {
  const amd64 = { os: 'linux', architecture: 'amd64' };
  const arm64 = { os: 'linux', architecture: 'arm64' };
  const [amd, arm] = [
    await imageOf({ layers: ['x'], platform: amd64 }),
    await imageOf({ layers: ['y'], platform: arm64 }),
  ];
  const both = indexOf([
    { blob: amd.manifest, platform: amd64 },
    { blob: arm.manifest, platform: arm64 },
  ]);
  const blobs = [amd, arm].flatMap((image) => [...image.layers, image.config, image.manifest].map(blobEntry));
  const entry = { ...descriptorOf(both), annotations: { 'io.containerd.image.name': 'app' } };
  const bytes = await tar([...blobs, blobEntry(both), layout, index(entry)]);
  await using whole = await imageBench();
  assert.is((await loadBytes(whole, bytes))[0]!.id, both.digest);
  await using one = await imageBench();
  const load = (platform: typeof arm64) =>
    one.engine.images.load({ source: { stream: chunks(bytes) }, platform, cwd: '/' }, call);
  await rejects(
    load({ os: 'linux', architecture: 's390x' }),
    'ERR_IMAGE_NOT_FOUND',
    /linux\/amd64, linux\/arm64/,
  );
  const [loaded] = await load(arm64);
  assert.is(loaded!.id, arm.config.digest);
  assert.is(one.blobs().length, 3, 'the other platform stays out');
});

test('of an index the platforms are loaded that the archive has; without any it is refused', async () => {
  const amd64 = { os: 'linux', architecture: 'amd64' };
  const arm64 = { os: 'linux', architecture: 'arm64' };
  const [amd, arm] = [
    await imageOf({ layers: ['x'], platform: amd64 }),
    await imageOf({ layers: ['y'], platform: arm64 }),
  ];
  const both = indexOf([
    { blob: arm.manifest, platform: arm64 },
    { blob: amd.manifest, platform: amd64 },
  ]);
  const entry = { ...descriptorOf(both), annotations: { 'io.containerd.image.name': 'app' } };
  const own = [...amd.layers, amd.config, amd.manifest, both].map(blobEntry);
  await using bench = await imageBench();
  // Of the other one the manifest is there, and no layer.
  const loaded = await loadBytes(bench, await tar([...own, blobEntry(arm.manifest), layout, index(entry)]));
  assert.is(loaded[0]!.id, both.digest);
  assert.equal((await bench.engine.images.list({}))[0]!.platforms, [amd64]);
  await bench.engine.images.save(
    {
      images: ['app'],
      format: 'oci-archive',
      dest: 'one.tar',
      platform: undefined,
      cwd: bench.path,
      stdout: undefined,
    },
    call,
  );
  await using other = await imageBench();
  const again = await other.engine.images.load(
    { source: { path: bench.file('one.tar') }, platform: undefined, cwd: '/' },
    call,
  );
  assert.is(again[0]!.id, amd.config.digest);
  await using none = await imageBench();
  await rejects(
    loadBytes(none, await tar([blobEntry(both), blobEntry(arm.manifest), layout, index(entry)])),
    'ERR_BAD_ARCHIVE',
    /missing/,
  );
  isUntouched(none);
});

test('notes of an archive do not come along with the one platform that is taken', async () => {
  await using bench = await imageBench();
  const platform = { os: 'linux', architecture: 'amd64' };
  const one = await imageOf({ layers: ['x'], platform });
  const annotations = { 'slipway.list.sources': '{"sha256:1":"registry.example.com/x"}' };
  const list = blobOf(mediaType.ociIndex, {
    ...{ schemaVersion: 2, mediaType: mediaType.ociIndex },
    manifests: [{ ...descriptorOf(one.manifest), platform, annotations }],
  });
  const blobs = [...one.layers, one.config, one.manifest, list].map(blobEntry);
  const bytes = await tar([...blobs, layout, index(descriptorOf(list))]);
  const source = { stream: chunks(bytes) };
  const [loaded] = await bench.engine.images.load({ source, platform, cwd: '/' }, call);
  assert.equal(loaded!.descriptor, { ...descriptorOf(one.manifest), platform });
});

test('indexes that lead to one image in countless ways are read once', async () => {
  await using bench = await imageBench();
  const image = await imageOf();
  const own = [...image.layers, image.config, image.manifest].map(blobEntry);
  const repeated = (entry: Image['manifest'], note: string): Image['manifest'] =>
    blobOf(mediaType.ociIndex, {
      ...{ schemaVersion: 2, mediaType: mediaType.ociIndex, annotations: { note } },
      manifests: Array.from({ length: 2_000 }, () => descriptorOf(entry)),
    });
  const inner = repeated(image.manifest, 'inner');
  const middle = repeated(inner, 'middle');
  const outer = repeated(middle, 'outer');
  const indexes = [inner, middle, outer].map(blobEntry);
  const loaded = await loadBytes(
    bench,
    await tar([
      ...own,
      ...indexes,
      layout,
      index({ ...descriptorOf(outer), annotations: { 'io.containerd.image.name': 'app' } }),
    ]),
  );
  assert.is(loaded[0]!.descriptor.digest, outer.digest);
});

test('a digest in the name that an archive gives is left out, unless it is the right one', async () => {
  const image = await imageOf();
  const other = `sha256:${'0'.repeat(64)}`;
  const own = image.manifest.digest;
  const expected: [string, string | undefined][] = [
    [`app@${other}`, undefined],
    [`app:1@${other}`, 'docker.io/library/app:1'],
    [`app@${own}`, `docker.io/library/app@${own}`],
    [`app:1@${own}`, 'docker.io/library/app:1'],
  ];
  for (const [name, full] of expected) {
    await using bench = await imageBench();
    const [loaded] = await loadBytes(bench, await tar(ociEntries(image, name)));
    assert.is(loaded!.name, full, name);
  }
  await using bench = await imageBench();
  const [docker] = await loadBytes(bench, await tar(dockerEntries(image, [`app@${other}`])));
  assert.is(docker!.name, undefined);
});

test('a layout in a folder is loaded; what is a link there is not', async () => {
  await using bench = await imageBench();
  const image = await imageOf();
  const folder = bench.file('layout');
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  for (const [name, content] of ociEntries(image)) await writeFile(join(folder, name), content);
  const load = (path: string) =>
    bench.engine.images.load({ source: { path }, platform: undefined, cwd: bench.path }, call);
  assert.is((await load('layout'))[0]!.id, image.config.digest);
  await rejects(load('nowhere'), 'ERR_SOURCE_NOT_FOUND');
  // Whatever is wrong with a file is told of the file.
  if (process.platform === 'linux') await rejects(load('/proc/self/mem'), 'ERR_STORE', /\/proc\/self\/mem/);
  const other = bench.file('other');
  await mkdir(other);
  for (const name of ['blobs', 'oci-layout', 'index.json'])
    await symlink(join(folder, name), join(other, name));
  await rejects(load('other'), 'ERR_BAD_ARCHIVE');
});

const image = await imageOf({ layers: ['a'] });
const [layer] = image.layers as [(typeof image.layers)[0]];
const oci = ociEntries(image);
const without = (digest: string): Entry[] => oci.filter(([name]) => !name.includes(digest.slice(7)));
const forged = blobOf(mediaType.ociConfig, {
  ...JSON.parse(image.config.bytes.toString()),
  rootfs: { type: 'layers', diff_ids: [image.manifest.digest] },
});
const liar = blobOf(mediaType.ociManifest, {
  ...JSON.parse(image.manifest.bytes.toString()),
  config: descriptorOf(forged),
});
const short = blobOf(mediaType.ociManifest, { ...JSON.parse(image.manifest.bytes.toString()), layers: [] });
const zipped = blobOf(mediaType.ociLayerGzip, gzipSync(layer.bytes).subarray(0, 60));
const cut = blobOf(mediaType.ociManifest, {
  ...JSON.parse(image.manifest.bytes.toString()),
  layers: [descriptorOf(zipped)],
});
const huge = Buffer.alloc(5 << 20, 0x20);

const padded = blobOf(mediaType.ociConfig, Buffer.concat([image.config.bytes, huge]));
const bloated = blobOf(mediaType.ociManifest, {
  ...JSON.parse(image.manifest.bytes.toString()),
  config: descriptorOf(padded),
});

const hostile: [string, Entry[], string, RegExp][] = [
  ['nothing', [], 'ERR_BAD_ARCHIVE', /empty/],
  ['a tar of something else', [['readme', 'x']], 'ERR_BAD_ARCHIVE', /no image/],
  ['a blob that is not there', without(layer.digest), 'ERR_BAD_ARCHIVE', /missing/],
  ['a manifest that is not there', without(image.manifest.digest), 'ERR_BAD_ARCHIVE', /missing/],
  [
    'a blob under a wrong digest',
    [...without(layer.digest), [`blobs/sha256/${hexOf(layer.digest)}`, 'other']],
    'ERR_DIGEST_MISMATCH',
    /is sha256/,
  ],
  [
    'a descriptor of a wrong size',
    [...oci.slice(0, -1), index({ ...descriptorOf(image.manifest), size: 5 })],
    'ERR_BAD_ARCHIVE',
    /bytes, and not 5/,
  ],
  [
    'a config that names other layers',
    [...[layer, forged, liar].map(blobEntry), layout, index(descriptorOf(liar))],
    'ERR_DIGEST_MISMATCH',
    /unpacks to/,
  ],
  [
    'a config that names more layers',
    [...[layer, image.config, short].map(blobEntry), layout, index(descriptorOf(short))],
    'ERR_BAD_IMAGE',
    /0 layers/,
  ],
  [
    'a layer that is cut short',
    [...[zipped, image.config, cut].map(blobEntry), layout, index(descriptorOf(cut))],
    'ERR_BAD_ARCHIVE',
    /damaged|cut short/,
  ],
  ['a name that leads out of it', [...oci, ['../../etc/passwd', 'x']], 'ERR_BAD_ARCHIVE', /leads out/],
  ['an absolute name', [...oci, ['/etc/passwd', 'x']], 'ERR_BAD_ARCHIVE', /leads out/],
  [
    'a link that leads out of it',
    [...oci, ['l', '', { type: 'symlink', linkname: '../../etc/passwd' }]],
    'ERR_BAD_ARCHIVE',
    /leads out/,
  ],
  [
    'an absolute link',
    [...oci, ['l', '', { type: 'symlink', linkname: '/etc/passwd' }]],
    'ERR_BAD_ARCHIVE',
    /leads out/,
  ],
  [
    'a hard link that leads out of it',
    [...oci, ['l', '', { type: 'link', linkname: '../x' }]],
    'ERR_BAD_ARCHIVE',
    /leads out/,
  ],
  [
    'links in a ring',
    [
      ['manifest.json', '', { type: 'symlink', linkname: 'm' }],
      ['m', '', { type: 'symlink', linkname: 'manifest.json' }],
    ],
    'ERR_BAD_ARCHIVE',
    /does not end/,
  ],
  ['a device', [...oci, ['sda', '', { type: 'block-device' }]], 'ERR_BAD_ARCHIVE', /device/],
  [
    'a file that is far larger than what is stored of it',
    [
      ...oci,
      [
        'holes',
        Buffer.from('0\n'.padEnd(512, '\0')),
        {
          pax: {
            ...{ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' },
            ...{ 'GNU.sparse.name': 'holes', 'GNU.sparse.realsize': `${1 << 28}` },
          },
        },
      ],
    ],
    'ERR_BAD_ARCHIVE',
    /sparse/,
  ],
  ['two files of one name', [...oci, ['index.json', '{}']], 'ERR_BAD_ARCHIVE', /twice/],
  [
    'an index.json that is too large',
    [...oci.slice(0, -1), ['index.json', huge]],
    'ERR_BAD_ARCHIVE',
    /not read/,
  ],
  [
    'a config that is too large',
    [...[layer, padded, bloated].map(blobEntry), layout, index(descriptorOf(bloated))],
    'ERR_BAD_ARCHIVE',
    /not read/,
  ],
  ['an index.json that is no JSON', [...oci.slice(0, -1), ['index.json', '{']], 'ERR_BAD_IMAGE', /JSON/],
  [
    'a name that is none',
    [...oci.slice(0, -1), index(named(image, 'UPPER:x:y'))],
    'ERR_BAD_REFERENCE',
    /lower|tag/,
  ],
  ['a manifest.json that is no list', [['manifest.json', '{}']], 'ERR_BAD_ARCHIVE', /no list/],
  ['a manifest.json of numbers', [['manifest.json', '[1]']], 'ERR_BAD_ARCHIVE', /no image/],
  [
    'a config that is not there',
    [['manifest.json', '[{"Config":"x","Layers":[]}]']],
    'ERR_BAD_ARCHIVE',
    /missing/,
  ],
  [
    'a layer of docker that is not there',
    dockerEntries(image).filter(([name]) => name !== '0abc/layer.tar'),
    'ERR_BAD_ARCHIVE',
    /missing/,
  ],
  [
    'a layer of docker that is another',
    dockerEntries(image).map(
      ([name, content, headers]): Entry => [
        name,
        name.endsWith('layer.tar') ? gzipSync('x') : content,
        headers,
      ],
    ),
    'ERR_DIGEST_MISMATCH',
    /unpacks to/,
  ],
  [
    'an archive of a docker before 1.10',
    [
      ['repositories', '{}'],
      ['id/layer.tar', 'x'],
    ],
    'ERR_UNSUPPORTED',
    /1\.10/,
  ],
];
for (const [what, entries, code, says] of hostile) {
  test(`${what}: refused, and nothing is kept`, async () => {
    await using bench = await imageBench();
    await rejects(loadBytes(bench, await tar(entries)), code, says);
    isUntouched(bench);
  });
}

test('an archive that is cut short, at whatever byte, leaves nothing', async () => {
  const whole = await tar(oci);
  for (const share of [0.1, 0.5, 0.8]) {
    await using bench = await imageBench();
    await rejects(
      loadBytes(bench, whole.subarray(0, Math.floor(whole.length * share) - 100)),
      'ERR_BAD_ARCHIVE',
    );
    isUntouched(bench);
  }
});

test('what is saved is read by another reader, is the same each time, and loads again', async () => {
  await using bench = await imageBench();
  const { manifest } = await bench.add('app:1', { layers: ['a', 'b'], history: [{}, {}] });
  await bench.add('db', { layers: ['a'], history: [{}] });
  const save = async (
    dest: string,
    format: 'docker-archive' | 'oci-archive' | 'oci-dir' = 'docker-archive',
  ) => {
    await bench.engine.images.save(
      { images: ['app:1', 'db'], format, dest, platform: undefined, cwd: bench.path, stdout: undefined },
      call,
    );
    return bench.file(dest);
  };
  const saved = await readOciImage(await save('one.tar'));
  assert.is(saved.digest, manifest.digest);
  assert.equal([...saved.files.keys()], ['/a.txt', '/b.txt']);
  assert.equal(await readFile(await save('two.tar')), await readFile(bench.file('one.tar')));
  const docker = JSON.parse(
    (await readTar(await readFile(bench.file('one.tar')))).get('manifest.json')!.content.toString(),
  );
  assert.equal(
    docker.map((one: { RepoTags: string[] }) => one.RepoTags),
    [['app:1'], ['db:latest']],
  );
  assert.not.ok((await readTar(await readFile(await save('oci.tar', 'oci-archive')))).has('manifest.json'));
  assert.is((await readOciImage(await save('folder', 'oci-dir'))).digest, manifest.digest);
  for (const path of ['one.tar', 'oci.tar', 'folder']) {
    await using other = await imageBench();
    await other.engine.images.load(
      { source: { path: bench.file(path) }, platform: undefined, cwd: '/' },
      call,
    );
    assert.equal(other.names(), bench.names());
    assert.equal(other.blobs(), bench.blobs());
  }
});

test('an image that is named by its ID is saved without a name', async () => {
  await using bench = await imageBench();
  const { config } = await bench.add('app');
  const request = {
    format: 'docker-archive' as const,
    platform: undefined,
    cwd: bench.path,
    stdout: undefined,
  };
  await bench.engine.images.save({ ...request, images: [hexOf(config.digest)], dest: 'id.tar' }, call);
  const { index: saved } = await readOciImage(bench.file('id.tar')).catch(async () => ({
    index: JSON.parse(
      (await readTar(await readFile(bench.file('id.tar')))).get('index.json')!.content.toString(),
    ),
  }));
  assert.is(saved.manifests[0]!.annotations, undefined);
});

test('a name with a digest is saved for who takes it, and docker is told of none', async () => {
  await using bench = await imageBench();
  const { manifest } = await bench.add('app');
  const name = `app@${manifest.digest}`;
  const { images } = openStore({ root: bench.root });
  await images.tag(name, images.resolve('app')!);
  await images.remove('app');
  await bench.engine.images.save(
    {
      ...{ images: [name], format: 'docker-archive', dest: 'digest.tar' },
      ...{ platform: undefined, cwd: bench.path, stdout: undefined },
    },
    call,
  );
  const files = await readTar(await readFile(bench.file('digest.tar')));
  const json = (path: string) => JSON.parse(files.get(path)!.content.toString());
  assert.equal(json('manifest.json')[0].RepoTags, []);
  assert.equal(json('index.json').manifests[0].annotations, {
    'io.containerd.image.name': `docker.io/library/${name}`,
  });
  const [back] = await loadBytes(bench, await readFile(bench.file('digest.tar')));
  assert.is(back!.name, `docker.io/library/${name}`);
});

test('a layer that is not stored and known nowhere is an error, and no archive is left', async () => {
  await using bench = await imageBench();
  const { layers, config } = await bench.add(undefined);
  rmSync(join(bench.root, 'blobs/sha256', hexOf(layers[0]!.digest)));
  const request = { images: [config.digest], format: 'docker-archive' as const, dest: 'x.tar' };
  const where = { platform: undefined, cwd: bench.path, stdout: undefined };
  await rejects(
    bench.engine.images.save({ ...request, ...where }, call),
    'ERR_BLOB_NOT_FOUND',
    /pull or build/,
  );
  assert.not.ok(existsSync(bench.file('x.tar')));
});

test('a tar is imported with changes; it is one layer, as it was', async () => {
  await using bench = await imageBench();
  const files = await tarOf({ 'etc/motd': 'hello\n' });
  const { id, name } = await bench.engine.images.import(
    {
      source: { stream: chunks(gzipSync(files)) },
      name: 'imported:1',
      changes: [
        'ENV A=1',
        'ENV B=$A-2',
        'CMD ["cat", "/etc/motd"]',
        'WORKDIR /x',
        'WORKDIR y',
        'EXPOSE 80',
        'LABEL a="b c"',
        'USER nobody',
        'VOLUME /v',
        'STOPSIGNAL SIGINT',
        'ONBUILD RUN x',
        'ENTRYPOINT ["e"]',
      ],
      message: 'from a test',
      platform: { os: 'linux', architecture: 'arm64' },
      cwd: '/',
    },
    call,
  );
  const [details] = await bench.engine.images.inspect(['imported:1']);
  assert.equal([details!.id, name], [id, 'docker.io/library/imported:1']);
  assert.equal(details!.config.rootfs.diff_ids, [blobOf('', files).digest]);
  assert.is(details!.config.architecture, 'arm64');
  assert.is(details!.config.history?.[0]?.comment, 'from a test');
  const { config } = details!.config;
  assert.equal(config?.Env, ['A=1', 'B=1-2']);
  assert.equal([config?.WorkingDir, config?.User, config?.StopSignal], ['/x/y', 'nobody', 'SIGINT']);
  assert.equal([config?.Cmd, config?.Entrypoint], [['cat', '/etc/motd'], ['e']]);
  assert.equal(
    [config?.Labels, config?.ExposedPorts, config?.OnBuild],
    [{ a: 'b c' }, { '80/tcp': {} }, ['RUN x']],
  );
});

for (const change of ['RUN x', 'FROM y', 'COPY a b', 'CMD a\nRUN b', '', 'NOPE', 'ENV', 'ONBUILD FROM x']) {
  test(`import refuses the change ${JSON.stringify(change)}`, async () => {
    await using bench = await imageBench();
    const request = { name: 'x', changes: [change], message: '', platform: undefined, cwd: '/' };
    const source = { stream: chunks(await tarOf({ a: 'b' })) };
    await rejects(bench.engine.images.import({ ...request, source }, call), 'ERR_USAGE', /--change/);
    isUntouched(bench);
  });
}

test('import refuses what is no tar, and keeps nothing of it', async () => {
  await using bench = await imageBench();
  const request = { name: 'x', changes: [], message: '', platform: undefined, cwd: '/' };
  for (const bytes of [
    Buffer.from('no tar at all'.repeat(100)),
    Buffer.alloc(0),
    layer.bytes.subarray(0, 700),
  ]) {
    await rejects(
      bench.engine.images.import({ ...request, source: { stream: chunks(bytes) } }, call),
      'ERR_BAD_ARCHIVE',
    );
    isUntouched(bench);
  }
  await rejects(
    bench.engine.images.import({ ...request, source: { path: 'nowhere' } }, call),
    'ERR_SOURCE_NOT_FOUND',
  );
});

test('export gives the files of all layers, merged', async () => {
  await using bench = await imageBench();
  await bench.add('app', { layers: ['a', 'b'] });
  const chunksOut: Buffer[] = [];
  const { PassThrough } = await import('node:stream');
  const stdout = new PassThrough();
  stdout.on('data', (chunk: Buffer) => chunksOut.push(chunk));
  await bench.engine.images.export({ image: 'app', dest: '-', platform: undefined, cwd: '/', stdout }, call);
  assert.equal([...(await readTar(Buffer.concat(chunksOut))).keys()], ['a.txt', 'b.txt']);
});

test('files of a layout are not read through links, which may lead out of it', async () => {
  await using bench = await imageBench();
  const image = await imageOf({ layers: ['a'] });
  const folder = join(bench.root, '..', `layout-${process.pid}`);
  const outside = `${folder}-outside`;
  try {
    for (const path of [folder, join(folder, 'blobs'), outside]) await mkdir(path);
    for (const { digest, bytes } of [...image.layers, image.config, image.manifest])
      await writeFile(join(outside, hexOf(digest)), bytes);
    await writeFile(join(folder, layout[0]), layout[1]);
    const [name, content] = index(named(image));
    await writeFile(join(folder, name), content);
    await symlink(outside, join(folder, 'blobs/sha256'));
    const load = () =>
      bench.engine.images.load({ source: { path: folder }, platform: undefined, cwd: '/' }, call);
    await rejects(load(), 'ERR_BAD_ARCHIVE', /missing/);
    isUntouched(bench);
  } finally {
    for (const path of [folder, outside]) rmSync(path, { recursive: true, force: true });
  }
});

test('an archive that unpacks to more than its limit is refused, and nothing of it is kept', async () => {
  await using bench = await imageBench({ SLIPWAY_LIMITS: 'layer=1m' });
  const image = await imageOf({ layers: ['a'] });
  const bomb: Entry = ['blobs/sha256/bomb', Buffer.alloc(2 << 20)];
  const bytes = gzipSync(await tar([...ociEntries(image), bomb]));
  await rejects(loadBytes(bench, bytes), 'ERR_BAD_ARCHIVE', /SLIPWAY_LIMITS=layer/);
  isUntouched(bench);
});

test.run();
