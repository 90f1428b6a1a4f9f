// What the attributes of --output do to the image that comes out, read back by the validator, skopeo and umoci.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runBuild } from '../../src/cli/commands/build.ts';
import type { Session } from '../../src/cli/session.ts';
import { createEngine } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type OciImage, readOciImage, readTar } from '../support/oci-image.ts';
import { openWithPeers, requirePeers } from '../support/peers.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun } from '../support/run-command.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('build/outputs');

interface Bench extends TempDir {
  /** The state folder. */
  root: string;
  /** Builds the context into an OCI tar; `attributes` follow the type and destination. */
  image(
    attributes?: string,
    flags?: readonly string[],
    platform?: string,
  ): Promise<OciImage & { tar: string }>;
  build(flags: readonly string[], changes?: Partial<Session>): Promise<string>;
}

const late = 1_900_000_000;

/** A base image of one layer, and a Dockerfile that adds two. */
async function bench(): Promise<Bench> {
  const dir = await tempDir();
  let images = 0;
  const made: Bench = {
    ...dir,
    root: dir.file('state'),
    async build(flags, changes = {}) {
      const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'] }, ...changes });
      await runBuild(['--root', made.root, '--progress=plain', ...flags], session, createEngine);
      return session.err.text();
    },
    async image(attributes = '', flags = [], platform) {
      const tar = dir.file(`image-${images++}.tar`);
      await made.build([...flags, `--output=type=oci,dest=${tar}${attributes}`, ...context(dir)]);
      return { ...(await readOciImage(tar, platform)), tar };
    },
  };
  mkdirSync(dir.file('context'));
  writeFileSync(dir.file('context/early'), 'early');
  writeFileSync(dir.file('context/late'), 'late'.repeat(100_000));
  utimesSync(dir.file('context/early'), 1000, 1000);
  utimesSync(dir.file('context/late'), late, late);
  writeFileSync(dir.file('context/Dockerfile'), 'FROM scratch\nCOPY late /base\n');
  await made.build([
    '-t',
    'base:1',
    `--output=type=oci,tar=false,dest=${dir.file('base')}`,
    dir.file('context'),
  ]);
  writeFileSync(dir.file('context/Dockerfile'), 'FROM base\nCOPY early /e\nCOPY late /d/l\nCMD ["x"]\n');
  return made;
}

const context = (dir: TempDir): string[] => [
  '--build-context',
  `base=oci-layout://${dir.file('base')}:1`,
  dir.file('context'),
];

const types = (image: OciImage): string[] => image.manifest.layers.map((layer) => layer.mediaType);
const layerType = 'application/vnd.oci.image.layer.v1.tar';

test('compression is for new layers, force-compression for those of the base, too', async () => {
  await using dir = await bench();
  const plain = await dir.image();
  const zstdHere = requireFeature('zstd', findProgram('zstd') !== undefined);
  for (const form of zstdHere ? ['zstd', 'uncompressed'] : ['uncompressed']) {
    const type = form === 'zstd' ? `${layerType}+zstd` : layerType;
    const image = await dir.image(`,compression=${form}`);
    assert.equal(types(image), [`${layerType}+gzip`, type, type]);
    assert.equal(image.manifest.layers[0], plain.manifest.layers[0]);
    const forced = await dir.image(`,compression=${form},force-compression=true`);
    assert.equal(types(forced), [type, type, type]);
    assert.equal(forced.config.rootfs, plain.config.rootfs);
    const decompressed = `dir:${dir.file(form)}`;
    if (requirePeers())
      await mustRun(['skopeo', 'copy', '--dest-decompress', `oci-archive:${forced.tar}`, decompressed]);
  }
  const best = await dir.image(',compression-level=9');
  const none = await dir.image(',compression=gzip,compression-level=0');
  assert.ok(best.manifest.layers[2]!.size < none.manifest.layers[2]!.size);
  assert.is(best.config.rootfs.diff_ids.join(), plain.config.rootfs.diff_ids.join());
  if (requirePeers()) await openWithPeers(none.tar, dir.file('peers'));
});

test('what comes out does not depend on what was made before', async () => {
  await using dir = await bench();
  const flags = ['--build-arg', 'SOURCE_DATE_EPOCH=1500000000'];
  await dir.build([...flags, '--output=type=cacheonly', ...context(dir)]);
  cpSync(dir.root, dir.file('other'), { recursive: true });
  const attributes = ['', ',compression=uncompressed', ',rewrite-timestamp=true', ',compression-level=1'];
  const forward = new Map<string, string>();
  for (const attribute of attributes) forward.set(attribute, (await dir.image(attribute, flags)).digest);
  assert.is(new Set(forward.values()).size, attributes.length);
  dir.root = dir.file('other');
  for (const attribute of attributes.toReversed())
    assert.is((await dir.image(attribute, flags)).digest, forward.get(attribute), attribute);
});

test('rewrite-timestamp changes the times of new layers alone, and diffIDs follow', async () => {
  await using dir = await bench();
  const flags = ['--build-arg', 'SOURCE_DATE_EPOCH=1500000000'];
  const kept = await dir.image('', flags);
  const image = await dir.image(',rewrite-timestamp=true', flags);
  const time = (path: string): number => (image.files.get(path)?.mtime.getTime() ?? 0) / 1000;
  assert.equal(
    [time('/base'), time('/e'), time('/d/l'), time('/d')],
    [late, 1000, 1_500_000_000, 1_500_000_000],
  );
  const [base, early, rest] = image.config.rootfs.diff_ids;
  assert.is(base, kept.config.rootfs.diff_ids[0]);
  // Nothing in that layer is late.
  assert.is(early, kept.config.rootfs.diff_ids[1]);
  assert.is.not(rest, kept.config.rootfs.diff_ids[2]);
  assert.equal(
    image.config.history.slice(1).map(({ created }) => created),
    ['2017-07-14T02:40:00Z', '2017-07-14T02:40:00Z', '2017-07-14T02:40:00Z'],
  );
  const other = await dir.image(',rewrite-timestamp=true,source-date-epoch=1400000000', flags);
  assert.is(other.config.created, '2014-05-13T16:53:20Z');
  assert.is(other.files.get('/d/l')?.mtime.getTime(), 1_400_000_000_000);
  assert.is(
    other.index.manifests[0]?.annotations?.['org.opencontainers.image.created'],
    '2014-05-13T16:53:20Z',
  );
});

test('rewrite-timestamp without an epoch warns, and does nothing', async () => {
  await using dir = await bench();
  const tar = dir.file('warned.tar');
  const said = await dir.build([`--output=type=oci,dest=${tar},rewrite-timestamp=true`, ...context(dir)]);
  assert.match(said, 'SOURCE_DATE_EPOCH');
  assert.is((await readOciImage(tar)).files.get('/d/l')?.mtime.getTime(), late * 1000);
});

test("oci-mediatypes=false gives Docker's media types throughout, unless something needs the others", async () => {
  await using dir = await bench();
  const image = await dir.image(',oci-mediatypes=false');
  assert.is(image.manifest.mediaType, 'application/vnd.docker.distribution.manifest.v2+json');
  if (requirePeers())
    await mustRun(['skopeo', 'copy', `oci-archive:${image.tar}`, `docker-archive:${dir.file('copy')}`]);
  const several = await dir.image(
    ',oci-mediatypes=false',
    ['--platform=linux/amd64,linux/arm64'],
    'linux/arm64',
  );
  assert.is(several.manifest.mediaType, image.manifest.mediaType);
  const annotated = await dir.image(',oci-mediatypes=false,annotation.a=b');
  assert.is(annotated.manifest.mediaType, 'application/vnd.oci.image.manifest.v1+json');
});

test('each platform that is asked for has its image, whatever FROM names, and the index tells versions', async () => {
  await using dir = await bench();
  writeFileSync(dir.file('context/Dockerfile'), 'FROM --platform=$BUILDPLATFORM base\nCOPY early /e\n');
  const flags = ['--platform=linux/s390x,windows(10.0.20348)/amd64'];
  const image = await dir.image('', flags, 'linux/s390x');
  assert.is(image.config.architecture, 's390x');
  const entries = await readTar(readFileSync(image.tar));
  const index = entries.get(`blobs/${image.index.manifests[0]!.digest.replace(':', '/')}`)!;
  assert.equal(
    JSON.parse(index.content.toString()).manifests.map((one: { platform: object }) => one.platform),
    [
      { architecture: 's390x', os: 'linux' },
      { architecture: 'amd64', os: 'windows', 'os.version': '10.0.20348' },
    ],
  );
});

test('annotations reach all four places, by flag and by attribute', async () => {
  await using dir = await bench();
  const flags = [
    '--platform=linux/amd64,linux/arm64',
    '--annotation=all=1',
    '--annotation=index,manifest[linux/arm64],index-descriptor:some=2',
  ];
  const arm = await dir.image(',annotation.All=3,annotation-manifest-descriptor.m=4', flags, 'linux/arm64');
  assert.equal(arm.manifest.annotations, { All: '3', all: '1', some: '2' });
  assert.is(arm.index.manifests[0]?.annotations?.['some'], '2');
  const amd = await readOciImage(arm.tar, 'linux/amd64');
  assert.equal(amd.manifest.annotations, { All: '3', all: '1' });
  const entries = await readTar(readFileSync(arm.tar));
  const index = JSON.parse(
    entries.get(`blobs/${arm.index.manifests[0]!.digest.replace(':', '/')}`)!.content.toString(),
  );
  assert.equal(index.annotations, { some: '2' });
  assert.equal(
    index.manifests.map((one: { annotations: object }) => one.annotations),
    [{ m: '4' }, { m: '4' }],
  );
  const single = await dir.image('', ['--annotation=manifest-descriptor:m=1']);
  assert.is(single.index.manifests[0]?.annotations?.['m'], '1');
  await rejects(dir.image('', ['--annotation=index:a=b']), 'ERR_USAGE');
  await rejects(dir.image('', ['--annotation=manifest[linux/s390x]:a=b']), 'ERR_USAGE');
});

test('a docker archive, as tar and as folder, has what docker load reads', async () => {
  await using dir = await bench();
  const tar = dir.file('docker.tar');
  await dir.build([
    '-t',
    'app:1',
    `--output=type=docker,"dest=${tar}","name=r.test/app:2,b"`,
    ...context(dir),
  ]);
  const entries = await readTar(readFileSync(tar));
  const [manifest] = JSON.parse(entries.get('manifest.json')!.content.toString());
  assert.equal(manifest.RepoTags, ['app:1', 'r.test/app:2', 'b:latest']);
  const top = manifest.Layers.at(-1).replace(/.*\//, '');
  assert.equal(JSON.parse(entries.get('repositories')!.content.toString()), {
    app: { 1: top },
    'r.test/app': { 2: top },
    b: { latest: top },
  });
  if (requirePeers()) await mustRun(['skopeo', 'inspect', '--config', `docker-archive:${tar}:app:1`]);
  await dir.build([`--output=type=docker,tar=false,dest=${dir.file('folder')}`, ...context(dir)]);
  assert.equal(readdirSync(dir.file('folder')).sort(), [
    ...['blobs', 'index.json', 'manifest.json', 'oci-layout', 'repositories'],
  ]);
  assert.is((await readOciImage(dir.file('folder'))).digest, (await readOciImage(tar)).digest);
  await rejects(
    dir.build(['--platform=linux/amd64,linux/arm64', `--output=type=docker,dest=${tar}`, ...context(dir)]),
    'ERR_UNSUPPORTED',
  );
});

test('files have the epoch, and a folder for each platform where there are several or it is asked for', async () => {
  await using dir = await bench();
  const epoch = ['--build-arg', 'SOURCE_DATE_EPOCH=1500000000'];
  const out = dir.file('out');
  await dir.build([...epoch, `--output=type=local,dest=${out},platform-split=true`, ...context(dir)]);
  const [folder = ''] = readdirSync(out);
  assert.match(folder, /^linux_/);
  for (const path of ['e', 'd', 'd/l', '.'])
    assert.is(lstatSync(join(out, folder, path)).mtimeMs, 1_500_000_000_000, path);
  const several = ['--platform=linux/amd64,linux/arm64', ...context(dir)];
  await dir.build([...epoch, `--output=type=tar,dest=${dir.file('files.tar')}`, ...several]);
  const entries = await readTar(readFileSync(dir.file('files.tar')));
  assert.equal(
    [...entries.keys()].filter((name) => name.startsWith('linux_arm64')),
    [...['linux_arm64/', 'linux_arm64/base', 'linux_arm64/d/', 'linux_arm64/d/l', 'linux_arm64/e']],
  );
  for (const { mtime } of entries.values()) assert.is(mtime.getTime(), 1_500_000_000_000);
  await rejects(dir.build([`--output=type=tar,dest=x.tar,platform-split=false`, ...several]), 'ERR_USAGE');
  await rejects(dir.build([`--output=type=local,dest=x,platform-split=false`, ...several]), 'ERR_EXPORT');
});

test('mode=delete leaves nothing else, follows no link, and only below the current folder', async () => {
  await using dir = await bench();
  const out = dir.file('out');
  mkdirSync(join(out, 'd/old'), { recursive: true });
  mkdirSync(dir.file('away'));
  writeFileSync(dir.file('away/precious'), '');
  writeFileSync(join(out, 'd/old/file'), '');
  symlinkSync(dir.file('away'), join(out, 'link'));
  await dir.build([`--output=type=local,dest=out,mode=delete`, ...context(dir)]);
  assert.equal(readdirSync(out, { recursive: true }).sort(), ['base', 'd', 'd/l', 'e']);
  assert.equal(readdirSync(dir.file('away')), ['precious']);
  symlinkSync('/usr', dir.file('usr'));
  for (const dest of ['.', '..', '/usr/lib', 'usr/lib', 'context', dir.path])
    await rejects(
      dir.build([`--output=type=local,dest=${dest},mode=delete`, ...context(dir)]),
      'ERR_UNSUPPORTED',
    );
});

test('files tell of the image: its ID, digest, descriptor and names, for each output', async () => {
  await using dir = await bench();
  const told = ['--iidfile=iid', '--digest-file=digest', '--metadata-file=meta.json'];
  const image = await dir.image('', [
    '-t',
    'app:1',
    '--output=type=oci,dest=first.tar,compression=uncompressed',
    ...told,
  ]);
  const meta = JSON.parse(readFileSync(dir.file('meta.json'), 'utf8'));
  assert.is(readFileSync(dir.file('digest'), 'utf8'), image.digest);
  assert.is(readFileSync(dir.file('iid'), 'utf8'), image.manifest.config.digest);
  assert.is(meta['containerimage.digest'], image.digest);
  assert.is(meta['containerimage.config.digest'], image.manifest.config.digest);
  assert.is(meta['image.name'], 'docker.io/library/app:1');
  const { annotations, platform, ...plain } = meta['containerimage.descriptor'];
  assert.equal(plain, {
    mediaType: image.manifest.mediaType,
    digest: image.digest,
    size: image.index.manifests[0]!.size,
  });
  assert.equal(Object.keys(annotations), ['org.opencontainers.image.created']);
  assert.is(platform.os, 'linux');
  const first = await readOciImage(dir.file('first.tar'));
  assert.equal(
    meta['slipway.outputs'].map((one: Record<string, unknown>) => one['containerimage.digest']),
    [first.digest, image.digest],
  );
  await dir.build([...told, '--output=out', ...context(dir)]);
  assert.equal(JSON.parse(readFileSync(dir.file('meta.json'), 'utf8')), {});
});

test('the digest is the same whatever the number of threads', async () => {
  await using dir = await bench();
  writeFileSync(dir.file('context/late'), Buffer.alloc(5 << 20, 'many blocks of a mebibyte '));
  const main = join(import.meta.dirname, '../../src/cli/main.ts');
  const digests = ['1', '4'].map((threads) => {
    const out = dir.file(`threads-${threads}.tar`);
    const root = dir.file(`root-${threads}`);
    const args = [
      'build',
      '--root',
      root,
      '--progress=none',
      `--output=type=oci,dest=${out},rewrite-timestamp=true`,
    ];
    execFileSync(
      process.execPath,
      ['--import', 'tsx', main, ...args, '--digest-file', `${out}.digest`, ...context(dir)],
      {
        env: { ...process.env, UV_THREADPOOL_SIZE: threads, SOURCE_DATE_EPOCH: '1500000000' },
        cwd: join(import.meta.dirname, '../..'),
      },
    );
    return readFileSync(`${out}.digest`, 'utf8');
  });
  assert.match(digests[0]!, /^sha256:/);
  assert.is(digests[0], digests[1]);
});

test.run();
