// Builds that push, with real registries behind a proxy that writes down what they are asked. skopeo reads what arrived.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest, BuildResult, OutputSpec } from '../../src/build-request.ts';
import { createEngine, type Engine } from '../../src/engine.ts';
import { hexOf } from '../../src/oci/digest.ts';
import type { RegistrySettings } from '../../src/registry-settings.ts';
import type { BuildEvent } from '../../src/solver/events.ts';
import { createContentStore } from '../../src/store/content-store.ts';
import { createImageStore } from '../../src/store/image-store.ts';
import { rawTar } from '../layer/tar-build.ts';
import {
  type DockerRegistryOptions,
  hasDockerRegistry,
  startDockerRegistry,
} from '../support/docker-registry.ts';
import { pushImage } from '../support/push-image.ts';
import { type Asked, type Fault, startRegistryProxy } from '../support/registry-proxy.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { findProgram, mustRun } from '../support/run-command.ts';
import { type SmallImage, smallImage } from '../support/small-image.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { createTestCA, hasOpenssl } from '../support/test-ca.ts';

const test = suite('push');
const signal = new AbortController().signal;
// bcrypt of "secret".
const htpasswd = spawnSync('htpasswd', ['-nbB', 'alice', 'secret'], { encoding: 'utf8' }).stdout?.trim();

interface World extends AsyncDisposable {
  dir: TempDir;
  host: string;
  /** What was asked since the last call, without the questions of the check before the build. */
  asked(): string[];
  events: BuildEvent[];
  engine(registry?: RegistrySettings): Engine;
  request(more?: Partial<BuildRequest>): BuildRequest;
  build(more?: Partial<BuildRequest>, registry?: RegistrySettings): Promise<BuildResult>;
}

interface Options extends DockerRegistryOptions {
  intercept?: (asked: Asked) => Fault | undefined;
  /** The registry's own address, without a proxy before it. */
  direct?: boolean;
}

const pushed: OutputSpec = { type: 'image', store: false, push: {} };

async function world(options: Options = {}): Promise<World> {
  const dir = await tempDir();
  const registry = await startDockerRegistry(options);
  const proxy = await startRegistryProxy(registry.host, options.intercept);
  const host = options.direct ? registry.host : proxy.host;
  mkdirSync(dir.file('context'));
  writeFileSync(dir.file('context', 'Dockerfile'), 'FROM scratch\nCOPY a /a\nCOPY b /b\n');
  for (const name of ['a', 'b']) writeFileSync(dir.file('context', name), name.repeat(100_000));
  const events: BuildEvent[] = [];
  let seen = 0;
  const engine = (registry: RegistrySettings = {}): Engine =>
    createEngine({
      ...{ root: dir.file('state'), isolation: 'auto', snapshotter: 'copy', parallelism: 2 },
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      registry,
    });
  const request = (more: Partial<BuildRequest> = {}): BuildRequest => ({
    ...{ context: 'context', dockerfile: undefined, target: undefined, buildArgs: {} },
    ...{ buildContexts: [], labels: {}, tags: [`${host}/app:1`], platforms: [], outputs: [pushed] },
    ...{ noCache: false, noCacheFilter: [], pull: false, network: 'default', allow: [] },
    ...{ secrets: [], ssh: [], addHosts: [], shmSize: undefined, ulimits: [], env: {} },
    ...{ cwd: dir.path, stdin: undefined, stdout: undefined, ...more },
  });
  return {
    ...{ dir, host, events },
    asked() {
      const news = proxy.log.slice(seen);
      seen = proxy.log.length;
      return news.map((line) => line.replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST'));
    },
    engine,
    request,
    build: (more, settings) =>
      engine(settings).build(request(more), { signal, onEvent: (event) => events.push(event) }),
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await registry.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

function hasPeers(): boolean {
  return (
    requireFeature('docker-registry', hasDockerRegistry()) &&
    requireFeature('skopeo', findProgram('skopeo') !== undefined)
  );
}

/** What skopeo reads: with `--raw` the manifest itself. */
async function inspect(reference: string, ...flags: string[]): Promise<Record<string, unknown>> {
  const args = ['inspect', '--tls-verify=false', ...flags, `docker://${reference}`];
  return JSON.parse(await mustRun(['skopeo', ...args])) as Record<string, unknown>;
}

/** Has skopeo read every blob, which checks each against its digest. */
async function pull(reference: string, folder: string, ...flags: string[]): Promise<void> {
  await mustRun([
    'skopeo',
    'copy',
    '--src-tls-verify=false',
    ...flags,
    `docker://${reference}`,
    `dir:${folder}`,
  ]);
}

const check = ['POST /v2/app/blobs/uploads/ 202', 'DELETE /v2/app/blobs/uploads/ID 204'];

async function pushBase(host: string, repository = 'base'): Promise<SmallImage> {
  const base = smallImage({
    layers: [rawTar({ name: 'one', body: '1' }), rawTar({ name: 'two', body: '2' })],
  });
  await pushImage({ host, repository }, base, '1');
  return base;
}

test('an image goes under all its names; a second time takes a question for it and one for its tag', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const tags = [`${at.host}/app:1`, `${at.host}/app:2`, `${at.host}/team/other:1`];
  const { descriptor, metadata } = await at.build({ tags });
  assert.is(metadata['containerimage.digest'], descriptor!.digest);
  assert.is(metadata['image.name'], tags.join());
  for (const tag of tags) assert.is((await inspect(tag))['Digest'], descriptor!.digest);
  await pull(tags[2]!, at.dir.file('pulled'));
  const mounts = at.asked().filter((line) => line.includes('from='));
  assert.equal(mounts, new Array(3).fill('POST /v2/team/other/blobs/uploads/?from=app 201'));

  await at.build();
  const again = ['HEAD /v2/app/manifests/DIGEST 200', 'HEAD /v2/app/manifests/1 200'];
  assert.equal(at.asked().sort(), [...check, ...again].sort());
  await at.build({ tags: [`${at.host}/app:3`] }, { skipPushCheck: true });
  const retag = ['HEAD /v2/app/manifests/3 404', 'HEAD /v2/app/manifests/DIGEST 200'];
  assert.equal(at.asked().sort(), [...retag, 'PUT /v2/app/manifests/3 201'].sort());
});

test('each blob is told of on its way, and each manifest that arrived', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const { descriptor } = await at.build();
  const started = at.events.flatMap((event) => (event.type === 'started' ? [event.vertex] : []));
  const push = started.find(({ name }) => name === `pushing ${at.host}/app:1`)!;
  const items = at.events.flatMap((event) =>
    event.type === 'progress' && event.id === push.id && event.done ? [event.item] : [],
  );
  assert.is(items.filter((item) => item.startsWith('pushing sha256:')).length, 3);
  assert.is(items.at(-1), `pushing manifest for ${at.host}/app:1@${descriptor!.digest}`);
});

test("the base image's layers are mounted where the registry has them, and neither fetched nor sent", async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const base = await pushBase(at.host);
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM ${at.host}/base:1\nCOPY --link a /a\n`);
  at.asked();
  await at.build();
  const asked = at.asked();
  const blobs = asked.filter((line) => line.startsWith('GET /v2/base/blobs/'));
  assert.is(blobs.length, 1, 'the configuration alone is read');
  assert.is(asked.filter((line) => line === 'POST /v2/app/blobs/uploads/?from=base 201').length, 2);
  assert.is(asked.filter((line) => line.startsWith('PUT /v2/app/blobs/')).length, 2);
  for (const { digest } of base.layers)
    assert.not.ok(existsSync(at.dir.file('state', 'blobs', 'sha256', hexOf(digest))));
  await pull(`${at.host}/app:1`, at.dir.file('pulled'));
});

test("the base image's layers go from one registry to another without being stored", async () => {
  if (!hasPeers()) return;
  await using at = await world();
  await using other = await world();
  const base = await pushBase(other.host);
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM ${other.host}/base:1\nCOPY --link a /a\n`);
  await at.build();
  await pull(`${at.host}/app:1`, at.dir.file('pulled'));
  for (const { digest } of base.layers) {
    assert.ok(existsSync(at.dir.file('pulled', hexOf(digest))));
    assert.not.ok(existsSync(at.dir.file('state', 'blobs', 'sha256', hexOf(digest))));
  }
});

test('several platforms and their provenance go as an index after its manifests, also by digest alone', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
  const outputs: OutputSpec[] = [
    { type: 'image', store: false, push: { names: [`${at.host}/app`], byDigest: true } },
  ];
  const attestations = { provenance: { mode: 'min', version: 'v1' } } as const;
  const { descriptor, metadata } = await at.build({ tags: [], platforms, outputs, attestations });
  assert.is(metadata['image.name'], `${at.host}/app`);
  const reference = `${at.host}/app@${descriptor!.digest}`;
  const value = await inspect(reference, '--raw');
  assert.is((value['manifests'] as unknown[]).length, 4);
  await pull(reference, at.dir.file('pulled'), '--all');
  const puts = at.asked().filter((line) => line.startsWith('PUT /v2/app/manifests/'));
  assert.equal(puts, new Array(5).fill('PUT /v2/app/manifests/DIGEST 201'));
});

test('targets of a bake that push at once send what they share once', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const names = ['one', 'two', 'three'];
  const requests = names.map((name) => at.request({ tags: [`${at.host}/${name}:1`] }));
  const targets = requests.map((request, index) => ({ name: names[index]!, request, links: [] }));
  await at.engine().bake({ targets }, { signal, onEvent() {} });
  for (const name of names) await pull(`${at.host}/${name}:1`, at.dir.file(`pulled-${name}`));
  const puts = at.asked().filter((line) => /^PUT .*blobs/.test(line));
  assert.is(puts.length, 3, puts.join());
});

test('a machine that is new pushes what a shared cache knows without a layer being moved', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const place = { type: 'registry', ref: `${at.host}/cache:main` } as const;
  const first = await at.build({ cacheTo: [{ type: 'place', place, mode: 'max' }] });
  at.asked();
  rmSync(at.dir.file('state'), { recursive: true });
  const tags = [`${at.host}/app:2`, `${at.host}/other:1`];
  const again = await at.build({ tags, cacheFrom: [{ place }] });
  assert.is(again.steps.ran, 0);
  assert.is(again.descriptor?.digest, first.descriptor?.digest);
  const asked = at.asked();
  const moved = asked.filter((line) => /^(GET|PUT) .*\/blobs\//.test(line));
  assert.equal(moved, ['GET /v2/cache/blobs/DIGEST 200'], 'what the cache says of itself');
  assert.ok(asked.length <= 20, asked.join('\n'));
  await pull(tags[1]!, at.dir.file('pulled'));
});

test('names by digest are kept here where they are asked for', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const image = { type: 'image', canonicalNames: true, danglingPrefix: 'dangling' } as const;
  const { descriptor } = await at.build({ outputs: [image] });
  const names = createImageStore(at.dir.file('state'), createContentStore(at.dir.file('state')))
    .list()
    .map(({ name }) => name);
  const digest = descriptor!.digest;
  assert.equal(names.sort(), [
    `${at.host}/app:1`,
    `${at.host}/app@${digest}`,
    `docker.io/library/dangling@${digest}`,
  ]);
});

test('several outputs may push, each in its own form, and be kept here, too', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const outputs: OutputSpec[] = [
    { type: 'image', canonicalNames: true, push: {} },
    { type: 'image', store: false, push: { names: [`${at.host}/zstd:1`] }, options: { compression: 'zstd' } },
    { type: 'oci', dest: at.dir.file('image.tar'), tar: true, names: [] },
  ];
  const { metadata } = await at.build({ outputs });
  assert.is((metadata['slipway.outputs'] as unknown[]).length, 3);
  const layers = (await inspect(`${at.host}/zstd:1`, '--raw'))['layers'] as { mediaType: string }[];
  assert.ok(layers.every(({ mediaType }) => mediaType.endsWith('+zstd')));
  const gzip = (await inspect(`${at.host}/app:1`, '--raw'))['layers'] as { mediaType: string }[];
  assert.ok(gzip.every(({ mediaType }) => mediaType.endsWith('+gzip')));
});

test('who may not push is told before the first step, with the way to log in', async () => {
  if (!hasPeers() || !requireFeature('htpasswd', !!htpasswd)) return;
  await using at = await world({ htpasswd });
  const error = await rejects(
    at.build(),
    'ERR_UNAUTHORIZED',
    /wants a name and a password[\s\S]*slipway login/,
  );
  assert.match(error.hint!, '--skip-push-permission-check');
  const names = at.events.flatMap((event) => (event.type === 'started' ? [event.vertex.name] : []));
  assert.not.ok(
    names.some((name) => name.includes('COPY')),
    names.join(),
  );
  const login = { username: 'alice', password: 'secret' };
  const { descriptor } = await at.build({}, { login: { ...login, registries: [at.host] } });
  assert.is((await inspect(`${at.host}/app:1`, '--creds=alice:secret'))['Digest'], descriptor!.digest);
  await rejects(at.build({}, { login: { ...login, registries: ['r.example'] } }), 'ERR_UNAUTHORIZED');
});

test('a build that can not be planned does not wait for a registry that does not answer', async () => {
  if (!hasPeers()) return;
  const intercept = ({ method }: Asked): Fault | undefined =>
    method === 'POST' ? { silent: true } : undefined;
  await using at = await world({ intercept });
  writeFileSync(at.dir.file('context', 'Dockerfile'), 'FROM scratch\nCOPY --from=nowhere /a /a\nNOPE\n');
  await rejects(at.build(), 'ERR_SYNTAX');
});

test('a registry behind TLS is trusted by its authority, and shown a certificate where it wants one', async () => {
  if (!hasPeers() || !requireFeature('openssl', hasOpenssl)) return;
  await using files = await tempDir();
  const ca = await createTestCA(files.path);
  const [server, client] = [await ca.sign('server'), await ca.sign('client')];
  await using at = await world({ tls: { ...server, clientCA: ca.certFile }, direct: true });
  const clientCertificate = { cert: client.certFile, key: client.keyFile };
  await rejects(at.build(), 'ERR_NETWORK', /not trusted/);
  const hosts = { [at.host]: { ca: [ca.certFile], clientCertificate } };
  await at.build({}, { hosts });
  await rejects(at.build({}, { hosts: { [at.host]: { ca: [ca.certFile] } }, retries: 0 }), 'ERR_NETWORK');
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM ${at.host}/app:1\n`);
  const { descriptor } = await at.build({ tags: [`${at.host}/copy:1`] }, { hosts });
  assert.ok(descriptor);
});

test('a tag that can not be moved fails the push, or is a warning', async () => {
  if (!hasPeers()) return;
  const body = '{"errors":[{"code":"TAG_INVALID","message":"tag is immutable, it cannot be overwritten"}]}';
  const intercept = ({ method, path }: Asked): Fault | undefined =>
    method === 'PUT' && path === '/v2/app/manifests/1' ? { status: 400, body } : undefined;
  await using at = await world({ intercept });
  const tags = [`${at.host}/app:1`, `${at.host}/app:2`];
  const error = await rejects(at.build({ tags }), 'ERR_REGISTRY', /app:1 be replaced: TAG_INVALID/);
  assert.match(error.hint!, '--push-ignore-immutable-tag-errors');
  await at.build({ tags }, { ignoreImmutableTags: true });
  const warnings = at.events.filter(({ type }) => type === 'warning');
  assert.is(warnings.length, 1);
  await inspect(tags[1]!);
});

test('what can not be pushed at all is told before anything is asked', async () => {
  if (!hasPeers()) return;
  await using at = await world();
  const wrong: [Partial<BuildRequest>, string, RegExp][] = [
    [{ tags: [] }, 'ERR_USAGE', /where to push to/],
    [{ tags: [`${at.host}/app@sha256:${'0'.repeat(64)}`] }, 'ERR_USAGE', /digest/],
    [{ outputs: [{ type: 'image', push: { byDigest: true } }] }, 'ERR_USAGE', /has a tag/],
    [{ offline: true }, 'ERR_OFFLINE', /pushed/],
  ];
  for (const [request, code, says] of wrong) await rejects(at.build(request), code, says);
  assert.equal(at.asked(), []);
});

test.run();
