// Images between Slipway, Debian's docker-registry, skopeo and buildah, in both directions.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dispatch } from '../../src/cli/dispatch.ts';
import { createTestSession } from '../support/cli-session.ts';
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type OciImage, readOciImage } from '../support/oci-image.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun } from '../support/run-command.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { createTestCA, hasOpenssl, type TestCA } from '../support/test-ca.ts';

const test = suite('registry interop');

interface Bench extends TempDir {
  /** Runs a command in this process; what it writes to standard output. */
  slipway(args: readonly string[], machine?: string): Promise<string>;
  buildah(args: readonly string[]): Promise<string>;
}

const dockerfile =
  'FROM scratch\nARG TARGETARCH\nCOPY big small /\nCOPY $TARGETARCH /arch\nENV A=b\nCMD ["/x"]\n';
const big = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join('');
const contents: Record<string, string> = {
  ...{ big, small: 'small\n', amd64: 'amd64', arm64: 'arm64' },
  Dockerfile: dockerfile,
};

async function openBench(): Promise<Bench> {
  const dir = await tempDir();
  await mkdir(dir.file('context'));
  await mkdir(dir.file('home'));
  for (const [name, text] of Object.entries(contents)) await writeFile(dir.file('context', name), text);
  const program = ['buildah', '--root', dir.file('b-root'), '--runroot', dir.file('b-run')];
  return {
    ...dir,
    async slipway(args, machine = 'a') {
      const env = {
        PATH: process.env['PATH'],
        HOME: dir.file('home'),
        SLIPWAY_ROOT: dir.file(`state-${machine}`),
      };
      const session = createTestSession({ cwd: dir.path, env, home: dir.file('home') });
      await dispatch([...args], session);
      return session.out.text();
    },
    buildah: (args) =>
      mustRun([...program, '--storage-driver', 'vfs', ...args], {
        env: { TMPDIR: dir.path, HOME: dir.path },
      }),
  };
}

function it(
  title: string,
  body: (bench: Bench, registry: DockerRegistry) => Promise<void>,
  options: (dir: TempDir) => Promise<Parameters<typeof startDockerRegistry>[0]> = async () => ({}),
): void {
  test(title, async () => {
    await using bench = await openBench();
    const registry = await startDockerRegistry(await options(bench));
    try {
      await body(bench, registry);
    } finally {
      await registry.stop();
    }
  });
}

const skopeoCopy = ['skopeo', 'copy', '-q', '--insecure-policy'];
const diffIDs = ({ config }: OciImage): string[] => config.rootfs.diff_ids;

function assertContent(image: OciImage, architecture: string): void {
  const text = (path: string): string | undefined => image.files.get(path)?.content.toString();
  assert.ok(text('/big') === big, 'another /big');
  assert.equal([text('/small'), text('/arch')], ['small\n', architecture]);
  assert.equal(image.config.config.Cmd, ['/x']);
  assert.ok(image.config.config.Env?.includes('A=b'));
  assert.is(image.config.architecture, architecture);
}

interface Variant {
  compression: 'gzip' | 'zstd' | 'uncompressed';
  media: 'oci' | 'docker';
  form: 'single' | 'index' | 'attested';
}

const variants: Variant[] = [
  { compression: 'gzip', media: 'oci', form: 'single' },
  { compression: 'gzip', media: 'docker', form: 'single' },
  { compression: 'zstd', media: 'oci', form: 'single' },
  { compression: 'uncompressed', media: 'oci', form: 'single' },
  { compression: 'uncompressed', media: 'docker', form: 'single' },
  { compression: 'gzip', media: 'oci', form: 'index' },
  { compression: 'gzip', media: 'docker', form: 'index' },
  { compression: 'zstd', media: 'oci', form: 'index' },
  { compression: 'gzip', media: 'oci', form: 'attested' },
  { compression: 'zstd', media: 'oci', form: 'attested' },
];

/** Builds and pushes; the digest of what was pushed. */
async function pushVariant(bench: Bench, name: string, variant: Variant): Promise<string> {
  const { compression, media, form } = variant;
  const forms = {
    single: ['--platform=linux/amd64'],
    index: ['--platform=linux/amd64,linux/arm64'],
    attested: ['--platform=linux/amd64', '--provenance=mode=max', '--sbom=true'],
  };
  const types = `oci-mediatypes=${media === 'oci'}`;
  await bench.slipway([
    ...['build', '--progress=quiet', ...forms[form], `--metadata-file=${bench.file('metadata.json')}`],
    `--output=type=registry,name=${name},compression=${compression},force-compression=true,${types}`,
    bench.file('context'),
  ]);
  return JSON.parse(await readFile(bench.file('metadata.json'), 'utf8'))['containerimage.digest'];
}

it('what is pushed in any form is copied by skopeo and pulled by buildah as it is', async (bench, {
  host,
}) => {
  const layers = new Map<string, string[]>();
  for (const [number, variant] of variants.entries()) {
    const { media, form } = variant;
    const name = `${host}/team/app:${number}`;
    const digest = await pushVariant(bench, name, variant);
    const layout = bench.file(`layout-${number}`);
    const asItIs = media === 'oci' ? ['--preserve-digests'] : [];
    await mustRun([
      ...skopeoCopy,
      '--all',
      ...asItIs,
      '--src-tls-verify=false',
      `docker://${name}`,
      `oci:${layout}:x`,
    ]);
    const platforms = form === 'index' ? ['linux/amd64', 'linux/arm64'] : ['linux/amd64'];
    for (const platform of platforms) {
      const image = await readOciImage(layout, form === 'single' ? undefined : platform);
      if (media === 'oci') assert.is(image.index.manifests[0]?.digest, digest);
      assertContent(image, platform.slice('linux/'.length));
      // Whatever carries them, the files are the same.
      const known = layers.get(platform) ?? diffIDs(image);
      layers.set(platform, known);
      assert.equal(diffIDs(image), known, JSON.stringify(variant));
    }
    const id = (await bench.buildah(['pull', '-q', '--tls-verify=false', `docker://${name}`])).trim();
    const seen = JSON.parse(await bench.buildah(['inspect', '--type', 'image', id]));
    assert.equal(seen.OCIv1.rootfs.diff_ids, layers.get('linux/amd64'), JSON.stringify(variant));
    assert.equal(seen.OCIv1.config.Cmd, ['/x']);
  }
});

interface Pusher {
  title: string;
  compression: string;
  push(bench: Bench, name: string): Promise<unknown>;
}

const pushers: Pusher[] = [
  ...(
    [
      ['v2s2', 'gzip'],
      ['oci', 'gzip'],
      ['oci', 'zstd'],
    ] as const
  ).flatMap(([format, compression]): Pusher[] => [
    {
      ...{ title: `skopeo ${format} ${compression}`, compression },
      push: ({ file }, name) =>
        mustRun([
          ...[...skopeoCopy, '--dest-tls-verify=false', '--format', format],
          ...['--dest-compress-format', compression, `oci:${file('plain')}`, `docker://${name}`],
        ]),
    },
    {
      ...{ title: `buildah ${format} ${compression}`, compression },
      push: ({ buildah }, name) =>
        buildah([
          ...['push', '-q', '--tls-verify=false', '--format', format],
          ...['--compression-format', compression, 'made', `docker://${name}`],
        ]),
    },
  ]),
  {
    ...{ title: 'buildah, an index,', compression: '' },
    async push({ buildah }, name) {
      await buildah(['manifest', 'create', 'both']);
      await buildah(['manifest', 'add', '--arch', 'amd64', 'both', 'made']);
      await buildah(['manifest', 'push', '-q', '--all', '--tls-verify=false', 'both', `docker://${name}`]);
    },
  },
];

/** A registry for each: in one that has a layer in another compression, it would be left as it is. */
for (const [number, { title, push, compression }] of pushers.entries()) {
  it(`what ${title} pushes is pulled, built on, and copied from`, async (bench, { host }) => {
    const context = bench.file('context');
    const plain = `--output=type=oci,tar=false,dest=${bench.file('plain')},compression=uncompressed`;
    await bench.slipway(['build', '--progress=quiet', '--platform=linux/amd64', plain, context]);
    if (title.startsWith('buildah'))
      await bench.buildah(['build', '-q', '--build-arg', 'TARGETARCH=amd64', '-t', 'made', context]);
    const name = `${host}/from/others:${number}`;
    await push(bench, name);
    const inspected = await mustRun(['skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`]);
    const { layers = [] } = JSON.parse(inspected) as { layers?: { mediaType: string }[] };
    for (const { mediaType } of layers) assert.match(mediaType, compression);
    await bench.slipway(['pull', '--progress=quiet', '--platform=linux/amd64', name]);
    await bench.slipway(['save', '--format=oci-dir', '-o', bench.file('saved'), name]);
    assertContent(await readOciImage(bench.file('saved')), 'amd64');
    await mkdir(bench.file('on'));
    const steps = `FROM ${name}\nCOPY Dockerfile /added\nCOPY --from=${name} /big /copy\n`;
    await writeFile(bench.file('on', 'Dockerfile'), steps);
    const flags = [
      '--progress=quiet',
      '--platform=linux/amd64',
      `--output=type=oci,dest=${bench.file('on.tar')}`,
    ];
    await bench.slipway(['build', ...flags, bench.file('on')], 'b');
    const built = await readOciImage(bench.file('on.tar'));
    assertContent(built, 'amd64');
    assert.is(built.files.get('/added')?.content.toString(), steps);
    assert.ok(built.files.get('/copy')?.content.toString() === big);
  });
}

/** Of the password `secret`, with bcrypt's least cost. */
const htpasswd = 'alice:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';
const context = ({ file }: Bench): string => file('context');
const pushFlags = ['build', '--progress=quiet', '--platform=linux/amd64', '--push'];

it(
  'a registry behind passwords: flags, logins that are kept, those of skopeo',
  async (bench, { host }) => {
    const name = `${host}/app:1`;
    await rejects(
      bench.slipway([...pushFlags, '-t', name, context(bench)]),
      'ERR_UNAUTHORIZED',
      /slipway login/,
    );
    await rejects(
      bench.slipway([...pushFlags, '--creds=alice:wrong', '-t', name, context(bench)]),
      'ERR_UNAUTHORIZED',
    );
    await bench.slipway([...pushFlags, '--creds=alice:secret', '-t', name, context(bench)]);
    const from = ['--src-tls-verify=false', '--src-creds=alice:secret', `docker://${name}`];
    await mustRun([...skopeoCopy, ...from, `oci:${bench.file('layout')}:x`]);
    assertContent(await readOciImage(bench.file('layout')), 'amd64');
    const to = ['--dest-tls-verify=false', '--dest-creds=alice:secret', `docker://${host}/app:2`];
    await mustRun([...skopeoCopy, `oci:${bench.file('layout')}:x`, ...to]);
    await rejects(bench.slipway(['pull', '--progress=quiet', `${host}/app:2`], 'b'), 'ERR_UNAUTHORIZED');
    await mustRun(['skopeo', 'login', '--tls-verify=false', '-u', 'alice', '-p', 'secret', host], {
      env: { REGISTRY_AUTH_FILE: bench.file('auth.json') },
    });
    const authFile = `--authfile=${bench.file('auth.json')}`;
    const pull = ['pull', '--progress=quiet', '--platform=linux/amd64', authFile, `${host}/app:2`];
    await bench.slipway(pull, 'b');
    const tags = (await bench.slipway(['tags', authFile, `${host}/app`])).trim().split('\n');
    assert.equal(tags.sort(), ['1', '2']);
    assert.match(await bench.slipway(['search', authFile, host]), 'app');
  },
  async () => ({ htpasswd }),
);

let authority: TestCA;
it(
  'a registry behind a certificate: authorities by flag and by folder, none at all',
  async (bench, { host }) => {
    const name = `${host}/app`;
    const push = (tag: string, ...flags: string[]): Promise<string> =>
      bench.slipway([...pushFlags, ...flags, '-t', `${name}:${tag}`, context(bench)]);
    await rejects(push('0'), 'ERR_NETWORK', /certificate/);
    await push('1', `--registry-certificate=${host}=${authority.certFile}`);
    await push('2', '--tls-verify=false');
    await push('3', `--insecure=${host}`);
    await mkdir(bench.file('certs'));
    await writeFile(bench.file('certs', 'ca.crt'), await readFile(authority.certFile));
    await push('4', `--cert-dir=${bench.file('certs')}`);
    const folder = bench.file('home/.config/containers/certs.d', host);
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/ca.crt`, await readFile(authority.certFile));
    await push('5');
    const from = [`--src-cert-dir=${bench.file('certs')}`, `docker://${name}:5`];
    await mustRun([...skopeoCopy, ...from, `oci:${bench.file('layout')}:x`]);
    assertContent(await readOciImage(bench.file('layout')), 'amd64');
    const to = [`--dest-cert-dir=${bench.file('certs')}`, `docker://${name}:6`];
    await mustRun([...skopeoCopy, `oci:${bench.file('layout')}:x`, ...to]);
    await bench.slipway(['pull', '--progress=quiet', '--platform=linux/amd64', `${name}:6`], 'b');
    const tags = (await bench.slipway(['tags', name])).trim().split('\n');
    assert.equal(tags.sort(), ['1', '2', '3', '4', '5', '6']);
  },
  async (dir) => {
    authority = await createTestCA(dir.path);
    return { tls: await authority.sign('registry') };
  },
);

it('what was deleted in the registry is pushed again', async (bench, { host }) => {
  const name = `${host}/app:1`;
  const push = () => pushVariant(bench, name, { compression: 'gzip', media: 'oci', form: 'single' });
  const digest = await push();
  await mustRun(['skopeo', 'delete', '--tls-verify=false', `docker://${name}`]);
  await rejects(bench.slipway(['pull', '--progress=quiet', name], 'b'), 'ERR_IMAGE_NOT_FOUND');
  assert.is(await push(), digest);
  await bench.slipway(['pull', '--progress=quiet', '--platform=linux/amd64', name], 'b');
});

if (
  requireFeature('docker-registry', hasDockerRegistry()) &&
  requireFeature('skopeo', findProgram('skopeo') !== undefined) &&
  requireFeature('buildah', findProgram('buildah') !== undefined && process.getuid?.() === 0) &&
  requireFeature('openssl', hasOpenssl)
)
  test.run();
