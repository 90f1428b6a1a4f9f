// slipway.lock and --offline, with a real registry, a Git server and a web server whose contents move.

import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest } from '../../src/build-request.ts';
import { createEngine, type Engine } from '../../src/engine.ts';
import type { SlipwayError } from '../../src/errors.ts';
import type { LockChange } from '../../src/lock/lock-changes.ts';
import { rawTar } from '../layer/tar-build.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { commitFiles, git, hasGit, publish, startGitServer } from '../support/git-server.ts';
import { pushImage } from '../support/push-image.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { smallImage } from '../support/small-image.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('source lock');
const call = { signal: new AbortController().signal, onEvent() {} };

interface World extends AsyncDisposable {
  dir: TempDir;
  address: { image: string; git: string; url: string };
  /** Everything comes to hold `text`, the URL `served`. */
  publish(text: string, served?: string): Promise<void>;
  engine(state: string): Engine;
  request(more?: Partial<BuildRequest>): BuildRequest;
  /** What a build in a state folder comes to: the files of image, repository and URL. */
  build(state: string, more?: Partial<BuildRequest>): Promise<string[]>;
  /** Requests that reached any server. */
  asked(): number;
  close(): Promise<void>;
}

async function world(): Promise<World> {
  const dir = await tempDir();
  const registry = await startDockerRegistry();
  mkdirSync(dir.file('bare'));
  mkdirSync(dir.file('context'));
  const repositories = await startGitServer(dir.file('bare'));
  let text = '';
  let requests = 0;
  const web = createServer((_, response) => {
    requests++;
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  const address = {
    image: `${registry.host}/app:1`,
    git: `${repositories.url}/r.git#main`,
    url: `http://127.0.0.1:${(web.address() as AddressInfo).port}/file`,
  };
  writeFileSync(
    dir.file('context', 'Dockerfile'),
    `FROM ${address.image}\nADD ${address.git} /git\nADD ${address.url} /file\n`,
  );
  let open = true;
  const engine = (state: string): Engine =>
    createEngine({
      ...{ root: dir.file(state), isolation: 'auto', snapshotter: 'copy', parallelism: 2 },
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
  const request = (more: Partial<BuildRequest> = {}): BuildRequest => ({
    ...{ context: 'context', dockerfile: undefined, target: undefined, buildArgs: {}, buildContexts: [] },
    ...{ labels: {}, tags: [], platforms: [], outputs: [{ type: 'local', dest: dir.file('out') }] },
    ...{
      noCache: false,
      noCacheFilter: [],
      pull: false,
      network: 'default',
      allow: [],
      secrets: [],
      ssh: [],
    },
    ...{ addHosts: [], shmSize: undefined, ulimits: [], env: {}, cwd: dir.path },
    ...{ stdin: undefined, stdout: undefined, ...more },
  });
  async function close(): Promise<void> {
    if (!open) return;
    open = false;
    await registry.stop();
    await repositories[Symbol.asyncDispose]();
    web.closeAllConnections();
    web.close();
  }
  return {
    ...{ dir, address, engine, request, close },
    asked: () => requests + repositories.requests.length,
    async publish(next, served = next) {
      text = served;
      const layer = rawTar({ name: 'image', body: next });
      await pushImage({ host: registry.host, repository: 'app' }, smallImage({ layers: [layer] }), '1');
      commitFiles(dir.file('work'), { f: next });
      git(dir.file('work'), 'branch', '-M', 'main');
      publish(dir.file('work'), dir.file('bare', 'r.git'));
      git(dir.file('bare', 'r.git'), 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    },
    async build(state, more) {
      await engine(state).build(request(more), call);
      return ['image', 'git/f', 'file'].map((name) => readFileSync(dir.file('out', name), 'utf8'));
    },
    async [Symbol.asyncDispose]() {
      await close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const available = hasDockerRegistry() && hasGit();
const lockFile = 'slipway.lock';

function it(title: string, body: (at: World) => Promise<void>): void {
  test(title, async () => {
    if (!requireFeature('docker-registry and git', available)) return;
    await using at = await world();
    await at.publish('old');
    await body(at);
  });
}

const kinds = (changes: LockChange[]): string[] =>
  changes.map(
    ({ kind, before, after }) => `${before === undefined ? '+' : after === undefined ? '-' : '~'}${kind}`,
  );

const add: Partial<BuildRequest> = { lock: { file: lockFile, mode: 'add' } };
const frozen: Partial<BuildRequest> = { lock: { file: lockFile, mode: 'frozen' } };
const update: Partial<BuildRequest> = { lock: { file: lockFile, mode: 'update' } };

it('what is locked is built on another machine, whatever tags and branches have moved to', async (at) => {
  assert.equal(await at.build('one', add), ['old', 'old', 'old']);
  const text = readFileSync(at.dir.file(lockFile), 'utf8');
  assert.equal(Object.keys(JSON.parse(text).images), [at.address.image]);
  assert.equal(Object.keys(JSON.parse(text).git), [at.address.git]);

  await at.publish('new', 'old');
  assert.equal(await at.build('two'), ['new', 'new', 'old']);
  assert.equal(await at.build('three', frozen), ['old', 'old', 'old']);
  assert.equal(await at.build('four', add), ['old', 'old', 'old']);
  assert.is(readFileSync(at.dir.file(lockFile), 'utf8'), text);
});

it('a URL that serves something else than what is locked fails the build', async (at) => {
  await at.build('one', add);
  await at.publish('new');
  try {
    await at.build('two', frozen);
    assert.unreachable();
  } catch (error) {
    assert.is((error as SlipwayError).code, 'ERR_DIGEST_MISMATCH');
    assert.match((error as SlipwayError).hint!, /slipway lock --update/);
  }
});

it('an update takes what there is now, says what changed, and drops what nothing reads', async (at) => {
  assert.equal(kinds(await at.engine('one').lock(at.request(add), call)), ['+image', '+git', '+url']);
  assert.equal(await at.engine('one').lock(at.request(add), call), []);
  await at.publish('new');
  assert.equal(await at.engine('one').lock(at.request(add), call), []);
  assert.equal(kinds(await at.engine('one').lock(at.request(update), call)), ['~image', '~git', '~url']);
  assert.equal(await at.build('two', frozen), ['new', 'new', 'new']);

  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM ${at.address.image}\n`);
  assert.equal(await at.engine('one').lock(at.request(add), call), []);
  assert.equal(kinds(await at.engine('one').lock(at.request(update), call)), ['-git', '-url']);
});

it('frozen refuses what is not locked, and a missing file, and asks nobody', async (at) => {
  await rejects(at.build('one', frozen), 'ERR_LOCK', /there is no slipway.lock/);
  writeFileSync(at.dir.file(lockFile), '{"version": 1}');
  await rejects(at.build('one', frozen), 'ERR_LOCK', /app:1 is not in slipway.lock/);
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM scratch\nADD ${at.address.git} /git\n`);
  await rejects(at.build('one', frozen), 'ERR_LOCK', /r\.git#main is not in slipway.lock/);
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM scratch\nADD ${at.address.url} /f\n`);
  await rejects(at.build('one', frozen), 'ERR_LOCK', /\/file is not in slipway.lock/);
  assert.is(at.asked(), 0);
});

it('a build that reads nothing from elsewhere has a lock file that says so', async (at) => {
  writeFileSync(at.dir.file('context', 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /file\n');
  assert.equal(await at.engine('one').lock(at.request(add), call), []);
  assert.equal(JSON.parse(readFileSync(at.dir.file(lockFile), 'utf8')), {
    version: 1,
    images: {},
    git: {},
    urls: {},
  });
  await at.engine('one').build(at.request(frozen), call);
});

it('offline, what was read before is built without a word to any server', async (at) => {
  await at.build('one');
  await at.close();
  assert.equal(await at.build('one', { offline: true, noCache: true }), ['old', 'old', 'old']);
  await rejects(at.build('two', { offline: true }), 'ERR_OFFLINE', /app:1/);
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM scratch\nADD ${at.address.git} /git\n`);
  await rejects(at.build('two', { offline: true }), 'ERR_OFFLINE', /main of .*r\.git/);
  writeFileSync(at.dir.file('context', 'Dockerfile'), `FROM scratch\nADD ${at.address.url} /f\n`);
  await rejects(at.build('two', { offline: true }), 'ERR_OFFLINE', /file is not stored/);
  await rejects(at.build('one', { offline: true, pull: true }), 'ERR_USAGE', /--pull/);
});

test.run();
