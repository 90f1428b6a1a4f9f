// Indexes put together in registries, and what is told of them, against a registry of others'.
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dispatch } from '../../src/cli/dispatch.ts';
import { createTestSession } from '../support/cli-session.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';

const test = suite('e2e imagetools');

interface Bench extends AsyncDisposable {
  host: string;
  file(name: string): string;
  run(...argv: string[]): Promise<string>;
  /** A tag, or a digest, as the registry has it. */
  manifest(repository: string, reference: string): Promise<{ text: string; digest: string } | undefined>;
}

/** A registry with `app:amd64` and `app:arm64`. */
async function bench(): Promise<Bench> {
  const dir = await tempDir();
  const registry = await startDockerRegistry();
  writeFileSync(
    dir.file('Dockerfile'),
    'FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY Dockerfile /\n',
  );
  const run = async (...argv: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], SLIPWAY_ROOT: dir.file('state') };
    const session = createTestSession({ cwd: dir.path, env });
    await dispatch(argv, session);
    return session.out.text();
  };
  for (const arch of ['amd64', 'arm64'])
    await run('build', '-q', `--platform=linux/${arch}`, '--push', '-t', `${registry.host}/app:${arch}`, '.');
  return {
    host: registry.host,
    file: (name) => dir.file(name),
    run,
    async manifest(repository, reference) {
      const accept =
        'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';
      const answer = await fetch(`http://${registry.host}/v2/${repository}/manifests/${reference}`, {
        headers: { accept },
      });
      if (!answer.ok) return undefined;
      return { text: await answer.text(), digest: answer.headers.get('docker-content-digest')! };
    },
    async [Symbol.asyncDispose]() {
      await registry.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const platformsOf = (text: string): string[] =>
  JSON.parse(text).manifests.map((one: { platform: { architecture: string } }) => one.platform.architecture);

test('images of one repository become an index there, and in another repository with all that it lists', async () => {
  if (!requireFeature('registry', hasDockerRegistry())) return;
  await using at = await bench();
  const { host } = at;
  const sources = [`${host}/app:amd64`, `${host}/app:arm64`];
  const said = await at.run(
    ...['imagetools', 'create', '-q', '-t', `${host}/app:all`, '-t', `${host}/other/app:1`],
    ...[
      '--metadata-file=m.json',
      '--annotation=index:who=me',
      '--annotation=manifest-descriptor[linux/arm64]:slow=yes',
    ],
    ...sources,
  );
  const there = (await at.manifest('app', 'all'))!;
  assert.is(said, `${host}/app:all@${there.digest}\n${host}/other/app:1@${there.digest}\n`);
  const index = JSON.parse(there.text);
  assert.equal(platformsOf(there.text), ['amd64', 'arm64']);
  assert.equal(index.annotations, { who: 'me' });
  assert.equal(
    index.manifests.map((one: { annotations?: object }) => one.annotations),
    [undefined, { slow: 'yes' }],
  );
  const metadata = JSON.parse(readFileSync(at.file('m.json'), 'utf8'));
  assert.is(metadata['containerimage.digest'], there.digest);
  assert.is(metadata['image.name'], `${host}/app:all,${host}/other/app:1`);
  assert.is((await at.manifest('other/app', '1'))?.digest, there.digest);
  for (const { digest } of index.manifests) assert.ok(await at.manifest('other/app', digest));

  // One index alone is copied as it is.
  await at.run('imagetools', 'create', '-q', '-t', `${host}/third:1`, `${host}/app:all`);
  assert.is((await at.manifest('third', '1'))?.digest, there.digest);
  await at.run(
    'imagetools',
    'create',
    '-q',
    '-t',
    `${host}/arm:1`,
    '--platform=linux/arm64',
    `${host}/app:all`,
  );
  const arm = (await at.manifest('arm', '1'))!;
  assert.equal(platformsOf(arm.text), ['arm64']);
  assert.is(await at.manifest('arm', index.manifests[0].digest), undefined);
});

test('--append adds to what is there; digests and descriptors are of the only repository; --dry-run pushes nothing', async () => {
  if (!requireFeature('registry', hasDockerRegistry())) return;
  await using at = await bench();
  const { host } = at;
  const amd64 = (await at.manifest('app', 'amd64'))!;
  const arm64 = (await at.manifest('app', 'arm64'))!;
  const dry = await at.run('imagetools', 'create', '-q', '--dry-run', '-t', `${host}/app:all`, amd64.digest);
  assert.equal(platformsOf(dry), ['amd64']);
  assert.is(await at.manifest('app', 'all'), undefined);
  await at.run('imagetools', 'create', '-q', '--prefer-index=false', '-t', `${host}/app:all`, amd64.digest);
  assert.is((await at.manifest('app', 'all'))?.digest, amd64.digest);
  const platform = { os: 'linux', architecture: 'riscv64' };
  writeFileSync(at.file('source'), JSON.stringify({ digest: arm64.digest, platform }));
  await at.run('imagetools', 'create', '-q', '--append', '-f', 'source', '-t', `${host}/app:all`);
  assert.equal(platformsOf((await at.manifest('app', 'all'))!.text), ['amd64', 'riscv64']);
  await rejects(
    at.run('imagetools', 'create', '-t', `${host}/app:x`, '-t', `${host}/b:x`, amd64.digest),
    'ERR_USAGE',
    /not clear which repository/,
  );
  await rejects(
    at.run('imagetools', 'create', '-t', `${host}/app:x`, '-p', 'linux/s390x', `${host}/app:all`),
    'ERR_IMAGE_NOT_FOUND',
    /linux\/amd64/,
  );
});

test('inspect shows an index, its document byte for byte, and what a template asks for', async () => {
  if (!requireFeature('registry', hasDockerRegistry())) return;
  await using at = await bench();
  const name = `${at.host}/app:all`;
  await at.run('imagetools', 'create', '-q', '-t', name, `${at.host}/app:amd64`, `${at.host}/app:arm64`);
  const there = (await at.manifest('app', 'all'))!;
  const told = await at.run('imagetools', 'inspect', name);
  assert.match(told, `Digest:    ${there.digest}`);
  assert.match(told, /Platform: +linux\/arm64/);
  assert.is(await at.run('imagetools', 'inspect', '--raw', name), there.text);
  const format = (template: string, image = name) =>
    at.run('imagetools', 'inspect', '--format', template, image);
  assert.is(await format('{{.Name}} {{.Manifest.Digest}}'), `${name} ${there.digest}\n`);
  const manifest = JSON.parse(await format('{{json .Manifest}}'));
  assert.is(manifest.digest, there.digest);
  assert.is(manifest.Digest, undefined);
  assert.is(manifest.manifests.length, 2);
  assert.is(await format('{{(index .Image "linux/arm64").architecture}}'), 'arm64\n');
  assert.is(await format('{{.Image.config.Labels.arch}}', `${at.host}/app:amd64`), 'amd64\n');
  await rejects(
    at.run('imagetools', 'inspect', `${at.host}/app:none`),
    'ERR_IMAGE_NOT_FOUND',
    /is not in the registry/,
  );
});

for (const [argv, message] of [
  [['imagetools', 'crate'], /did you mean create/],
  [['imagetools', 'create', 'a'], /no name to push to/],
  [['imagetools', 'create', '-t', 'a'], /no sources/],
  [['imagetools', 'create', '-t', 'a', '--annotation=k=v', 'b'], /index:k=v/],
  [['imagetools', 'create', '--dry-run', `sha256:${'0'.repeat(64)}`], /no repository is named/],
  [['imagetools', 'create', '-t', 'a', '{"digest": 1}'], /has no digest/],
  [['imagetools', 'create', '-t', 'a', '-f', 'none'], /can't read none/],
] as const) {
  test(`${argv.slice(1).join(' ')} is an error of the command line`, async () => {
    await rejects(dispatch(argv, createTestSession({ env: {} })), 'ERR_USAGE', message);
  });
}

test.run();
