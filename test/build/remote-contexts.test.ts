// Builds of contexts that are no folder: archives and texts on stdin, Git repositories, URLs; and named ones of each kind.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BuildRequest, BuildResult } from '../../src/build-request.ts';
import { createEngine } from '../../src/engine.ts';
import { rawTar } from '../layer/tar-build.ts';
import { commitFiles, commitTime, git, hasGit, publish, startGitServer } from '../support/git-server.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('remote-contexts');
const call = { signal: new AbortController().signal, onEvent() {} };

function tarOf(files: Record<string, string | { link: string }>): Buffer {
  const entries = Object.entries(files).map(([name, file]) =>
    typeof file === 'string' ? { name, body: file } : { name, type: '2', link: file.link },
  );
  return rawTar(...entries);
}

async function* chunks(bytes: Buffer | string, size = 700): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

interface Built extends BuildResult {
  /** A file of the result. */
  text(path: string): string;
  list(path?: string): string[];
  path(path: string): string;
}

let builds = 0;

/** Builds into a folder. */
async function build(dir: TempDir, context: string, more: Partial<BuildRequest> = {}): Promise<Built> {
  const env = { PATH: process.env['PATH'] };
  const engine = createEngine({
    root: dir.file('state'),
    isolation: 'auto',
    snapshotter: 'copy',
    parallelism: 2,
    env,
  });
  const out = dir.file(`result-${builds++}`);
  const request: BuildRequest = {
    context,
    dockerfile: undefined,
    target: undefined,
    buildArgs: {},
    buildContexts: [],
    labels: {},
    tags: [],
    platforms: [],
    outputs: [{ type: 'local', dest: out }],
    noCache: false,
    noCacheFilter: [],
    pull: false,
    network: 'default',
    allow: [],
    secrets: [],
    ssh: [],
    addHosts: [],
    shmSize: undefined,
    ulimits: [],
    env: {},
    cwd: dir.path,
    stdin: undefined,
    stdout: undefined,
    ...more,
  };
  const result = await engine.build(request, call);
  const path = (name: string): string => `${out}/${name}`;
  return {
    ...result,
    path,
    text: (name) => readFileSync(path(name), 'utf8'),
    list: (name = '') => readdirSync(path(name)).sort(),
  };
}

const copyAll = 'FROM scratch\nCOPY . /all\n';

test('a tar on stdin is the context, whatever its compression; its ignore file is not heeded', async () => {
  await using dir = await tempDir();
  const tar = tarOf({ './Dockerfile': copyAll, './.dockerignore': 'f\n', './f': 'content' });
  writeFileSync(dir.file('c.tar'), tar);
  for (const command of ['cat', 'gzip', 'bzip2', 'xz']) {
    const bytes = execFileSync(command, command === 'cat' ? [] : ['-c'], { input: tar });
    const built = await build(dir, '-', { stdin: chunks(bytes) });
    assert.equal(built.list('all'), ['.dockerignore', 'Dockerfile', 'f'], command);
  }
  assert.equal(readdirSync(dir.file('state', 'tmp')), []);
});

test('-f names a file in the archive; a missing one says so', async () => {
  await using dir = await tempDir();
  const tar = tarOf({ 'sub/app.Dockerfile': copyAll, f: '1' });
  const built = await build(dir, '-', { stdin: chunks(tar), dockerfile: 'sub/app.Dockerfile' });
  assert.equal(built.list('all'), ['f', 'sub']);
  await rejects(build(dir, '-', { stdin: chunks(tar) }), 'ERR_DOCKERFILE_NOT_FOUND', /open Dockerfile/);
  await rejects(build(dir, '-', { stdin: chunks(tar), dockerfile: '-' }), 'ERR_USAGE', /both/);
});

test('an archive on stdin reads and writes nothing outside, and is refused where it is damaged', async () => {
  await using dir = await tempDir();
  const hostile = tarOf({
    Dockerfile: 'FROM scratch\nCOPY . /\n',
    '../../escaped': 'x',
    link: { link: '/etc/hostname' },
  });
  const built = await build(dir, '-', { stdin: chunks(hostile) });
  assert.ok(built.list().includes('escaped'));
  assert.not.ok(readdirSync(dir.path).includes('escaped'));
  const linked = tarOf({ Dockerfile: { link: '/etc/hostname' } });
  await rejects(build(dir, '-', { stdin: chunks(linked) }), 'ERR_DOCKERFILE_NOT_FOUND');
  const reads = tarOf({ Dockerfile: 'FROM scratch\nCOPY link /got\n', link: { link: '/etc/hostname' } });
  await rejects(build(dir, '-', { stdin: chunks(reads) }), 'ERR_SOURCE_NOT_FOUND');
  const cut = tarOf({ Dockerfile: copyAll, f: 'x'.repeat(3000) }).subarray(0, 2000);
  await rejects(build(dir, '-', { stdin: chunks(cut) }), 'ERR_BAD_ARCHIVE');
});

test('a text on stdin is the Dockerfile of an empty context', async () => {
  await using dir = await tempDir();
  const built = await build(dir, '-', { stdin: chunks('FROM scratch\nCOPY <<a /a\nx\na\n', 3) });
  assert.is(built.text('a'), 'x\n');
  await rejects(build(dir, '-', { stdin: chunks('FROM scratch\nCOPY f /\n') }), 'ERR_SOURCE_NOT_FOUND');
  const two = { stdin: chunks('FROM scratch\n'), dockerfile: 'app.Dockerfile' };
  await rejects(build(dir, '-', two), 'ERR_USAGE', /two Dockerfiles: app.Dockerfile/);
});

test('a repository is the context: at a ref, in a subdirectory, ignore files as plain files', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  commitFiles(dir.file('r'), {
    Dockerfile: copyAll,
    '.dockerignore': '*',
    f: '1',
    'sub/dockerfile': copyAll,
    'sub/g': '2',
  });
  git(dir.file('r'), 'tag', 'v1');
  commitFiles(dir.file('r'), { f: 'changed' });
  mkdirSync(dir.file('www'));
  publish(dir.file('r'), dir.file('www', 'r.git'));
  await using server = await startGitServer(dir.file('www'));
  const url = `${server.url}/r.git`;
  const main = await build(dir, url);
  assert.equal(main.list('all'), ['.dockerignore', 'Dockerfile', 'f', 'sub']);
  assert.is(main.text('all/f'), 'changed');
  assert.is((await build(dir, `${url}#v1`)).text('all/f'), '1');
  assert.equal((await build(dir, `${url}#:sub`)).list('all'), ['dockerfile', 'g']);
  const again = await build(dir, `${url}#v1`);
  assert.equal(again.steps, { total: 1, cached: 1, ran: 0 });
  const kept = await build(dir, url, { buildArgs: { BUILDKIT_CONTEXT_KEEP_GIT_DIR: '1' } });
  assert.ok(kept.list('all').includes('.git'));
});

test('SOURCE_DATE_EPOCH=context is the time of the commit, which its files then have', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  commitFiles(dir.file('r'), {
    Dockerfile: 'FROM scratch\nARG SOURCE_DATE_EPOCH\nCOPY . /\nENV E=$SOURCE_DATE_EPOCH\n',
  });
  mkdirSync(dir.file('www'));
  publish(dir.file('r'), dir.file('www', 'r.git'));
  await using server = await startGitServer(dir.file('www'));
  const built = await build(dir, `${server.url}/r.git`, { buildArgs: { SOURCE_DATE_EPOCH: 'context' } });
  assert.is(lstatSync(built.path('Dockerfile')).mtimeMs, commitTime * 1000);
});

test('an unchanged repository is not checked out for a step that is cached', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  commitFiles(dir.file('r'), { f: '1' });
  mkdirSync(dir.file('www'));
  publish(dir.file('r'), dir.file('www', 'r.git'));
  await using server = await startGitServer(dir.file('www'));
  const stdin = () => chunks(`FROM scratch\nADD ${server.url}/r.git /r\n`);
  assert.equal((await build(dir, '-', { stdin: stdin() })).list('r'), ['f']);
  execFileSync('rm', ['-rf', dir.file('state', 'git-v1')]);
  server.requests.length = 0;
  assert.is((await build(dir, '-', { stdin: stdin() })).steps.cached, 1);
  assert.ok(server.requests.length > 0);
  // What the branch stands for is remembered; there is no mirror.
  assert.equal(readdirSync(dir.file('state', 'git-v1')), ['refs']);
});

test('a URL is the context where it gives an archive, else its Dockerfile', async () => {
  await using dir = await tempDir();
  const archive = execFileSync('gzip', ['-c'], { input: tarOf({ Dockerfile: copyAll, f: '1' }) });
  const server = await startScriptedServer(() => [
    { request: 'GET /c.tgz', answer: archive },
    { request: 'GET /text', answer: 'FROM scratch\nCOPY context /c\n' },
    { request: 'GET /app.Dockerfile', answer: 'FROM scratch\nCOPY local /l\n' },
  ]);
  try {
    assert.equal((await build(dir, `http://${server.host}/c.tgz`)).list('all'), ['Dockerfile', 'f']);
    assert.match((await build(dir, `http://${server.host}/text`)).text('c'), /COPY context/);
    mkdirSync(dir.file('here'));
    writeFileSync(dir.file('here', 'local'), 'mine');
    const dockerfile = `http://${server.host}/app.Dockerfile`;
    assert.is((await build(dir, 'here', { dockerfile })).text('l'), 'mine');
    server.finished();
  } finally {
    await server.stop();
  }
});

test('named contexts of every kind take the place of stages and images; one for the platform goes first', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  commitFiles(dir.file('r'), { from: 'git' });
  mkdirSync(dir.file('www'));
  publish(dir.file('r'), dir.file('www', 'r.git'));
  for (const name of ['folder', 'arm']) {
    mkdirSync(dir.file(name));
    writeFileSync(dir.file(name, 'from'), name);
    writeFileSync(dir.file(name, '.dockerignore'), 'from2');
    writeFileSync(dir.file(name, 'from2'), 'ignored');
  }
  await using server = await startGitServer(dir.file('www'));
  const archive = await startScriptedServer(() => [
    { request: 'GET /a.tar', answer: tarOf({ from: 'http' }) },
  ]);
  try {
    const built = await build(dir, '-', {
      stdin: chunks(
        'FROM stage AS s\nFROM scratch\nCOPY --from=s / /git\nCOPY --from=alpine / /http\nCOPY --from=f / /folder\n',
      ),
      platforms: [{ os: 'linux', architecture: 'arm64' }],
      buildContexts: [
        { name: 'stage', value: `${server.url}/r.git` },
        { name: 'alpine', value: `http://${archive.host}/a.tar` },
        { name: 'f', value: 'folder' },
        { name: 'f::linux/arm64', value: 'arm' },
        { name: 'f::linux/amd64', value: 'folder' },
      ],
    });
    assert.is(built.text('git/from'), 'git');
    assert.is(built.text('http/from'), 'http');
    assert.is(built.text('folder/from'), 'arm');
    assert.equal(built.list('folder'), ['.dockerignore', 'from']);
  } finally {
    await archive.stop();
  }
});

test('ADD of a URL with a checksum that is stored asks nothing; --unpack unpacks it', async () => {
  await using dir = await tempDir();
  const tar = tarOf({ inner: '1' });
  const server = await startScriptedServer(() => [{ request: 'GET /a.tar', answer: tar }]);
  try {
    const url = `http://${server.host}/a.tar`;
    const digest = `sha256:${execFileSync('sha256sum', { input: tar, encoding: 'utf8' }).slice(0, 64)}`;
    const add = (flags: string) => chunks(`FROM scratch\nADD ${flags} --checksum=${digest} ${url} /d/\n`);
    assert.equal((await build(dir, '-', { stdin: add('') })).list('d'), ['a.tar']);
    assert.equal((await build(dir, '-', { stdin: add('--unpack') })).list('d'), ['inner']);
    assert.equal((await build(dir, '-', { stdin: add('--chmod=0644') })).list('d'), ['a.tar']);
    server.finished();
  } finally {
    await server.stop();
  }
});

test('a changed file of a folder is seen at once, though its size is the same', async () => {
  await using dir = await tempDir();
  mkdirSync(dir.file('c'));
  writeFileSync(dir.file('c', 'a'), 'a');
  writeFileSync(dir.file('c', 'Dockerfile'), copyAll);
  await build(dir, 'c');
  assert.is((await build(dir, 'c')).steps.cached, 1);
  writeFileSync(dir.file('c', 'a'), 'A');
  const changed = await build(dir, 'c');
  assert.is(changed.steps.ran, 1);
  assert.is(changed.text('all/a'), 'A');
});

test.run();
