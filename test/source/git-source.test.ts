import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createGitSource, type GitSpec } from '../../src/source/git-source.ts';
import {
  commitFiles,
  commitTime,
  type GitServer,
  git,
  hasGit,
  publish,
  startGitServer,
} from '../support/git-server.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('git-source');
const { signal } = new AbortController();
const basic = (login: string): string => `basic ${Buffer.from(login).toString('base64')}`;

interface Bench extends AsyncDisposable {
  dir: TempDir;
  server: GitServer;
  /** The first commit of `r.git`. */
  first: string;
  spec(more?: Partial<GitSpec>): GitSpec;
  source(secrets?: Record<string, string>): ReturnType<typeof createGitSource>;
  /** Checks out into a new folder, and returns it. */
  checkout(spec: GitSpec): Promise<string>;
}

async function bench(): Promise<Bench> {
  const dir = await tempDir();
  mkdirSync(dir.file('www'));
  const server = await startGitServer(dir.file('www'));
  const first = commitFiles(dir.file('r'), { f: 'one\n', 'docs/in/g': 'g\n' });
  publish(dir.file('r'), dir.file('www', 'r.git'));
  let count = 0;
  const source: Bench['source'] = (secrets = {}) =>
    createGitSource({
      directory: dir.file('mirrors'),
      env: process.env,
      secret: async (id) => (secrets[id] === undefined ? undefined : Buffer.from(secrets[id])),
    });
  return {
    dir,
    server,
    first,
    spec: (more = {}) => ({
      remote: `${server.url}/r.git`,
      ref: undefined,
      subdir: '',
      checksum: undefined,
      keepGitDir: false,
      submodules: true,
      ...more,
    }),
    source,
    async checkout(spec) {
      const folder = dir.file(`out-${count++}`);
      mkdirSync(folder);
      const one = source();
      return one.checkout(await one.resolve(spec, signal), folder, signal);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const withBench = (title: string, run: (on: Bench) => Promise<void>): void =>
  test(title, async () => {
    if (!requireFeature('git', hasGit())) return;
    await using on = await bench();
    await run(on);
  });

withBench('resolving names the commit and fetches nothing', async ({ source, spec, first, server }) => {
  const { commit, ref, identity } = await source().resolve(spec(), signal);
  assert.is(commit, first);
  assert.is(ref, 'refs/heads/main');
  assert.ok(server.requests.every((line) => !line.includes('POST /r.git/git-receive-pack')));
  assert.is((await source().resolve(spec({ ref: first }), signal)).identity, identity);
  assert.is.not((await source().resolve(spec({ subdir: 'docs' }), signal)).identity, identity);
});

withBench('branches, tags and annotated tags come to their commits; branches go first', async (on) => {
  const { dir, source, spec, first } = on;
  git(dir.file('r'), 'tag', '-a', 'v1', '-m', 'v1');
  git(dir.file('r'), 'branch', 'dev');
  const second = commitFiles(dir.file('r'), { f: 'two\n' });
  git(dir.file('r'), 'tag', 'dev');
  publish(dir.file('r'), dir.file('www', 'r.git'));
  const commitOf = async (ref: string) => (await source().resolve(spec({ ref }), signal)).commit;
  assert.is(await commitOf('main'), second);
  assert.is(await commitOf('v1'), first);
  assert.is(await commitOf('dev'), first);
  assert.is(await commitOf('refs/tags/dev'), second);
  await rejects(commitOf('nothing'), 'ERR_SOURCE_NOT_FOUND', /no branch or tag "nothing"/);
});

withBench('a checksum may be the beginning of the commit or of the tag that leads to it', async (on) => {
  const { dir, source, spec, first } = on;
  git(dir.file('r'), 'tag', '-a', 'v1', '-m', 'v1');
  const tag = git(dir.file('r'), 'rev-parse', 'v1');
  publish(dir.file('r'), dir.file('www', 'r.git'));
  const check = (checksum: string) => source().resolve(spec({ ref: 'v1', checksum }), signal);
  assert.is((await check(first.slice(0, 8))).commit, first);
  assert.is((await check(tag)).commit, first);
  await rejects(check('0000'), 'ERR_DIGEST_MISMATCH', /expected checksum to match 0000/);
});

withBench(
  'a checkout has plain modes, no .git, and of a subdirectory what it holds',
  async ({ checkout, spec }) => {
    const before = process.umask();
    const all = await checkout(spec());
    assert.equal(readdirSync(all).sort(), ['docs', 'f']);
    assert.is(lstatSync(`${all}/f`).mode & 0o7777, 0o644);
    assert.is(lstatSync(`${all}/docs`).mode & 0o7777, 0o755);
    assert.is(process.umask(), before);
    const sub = await checkout(spec({ subdir: 'docs' }));
    assert.equal(readdirSync(sub), ['in']);
    await rejects(checkout(spec({ subdir: 'docs/none' })), 'ERR_SOURCE_NOT_FOUND', /no folder docs\/none/);
  },
);

withBench('a subdirectory that is a link is none: it could lead out', async ({ dir, checkout, spec }) => {
  symlinkSync('/etc', dir.file('r', 'out'));
  commitFiles(dir.file('r'), {});
  publish(dir.file('r'), dir.file('www', 'r.git'));
  await rejects(checkout(spec({ subdir: 'out' })), 'ERR_SOURCE_NOT_FOUND', /no folder out/);
});

withBench(
  'a commit that the mirror has is not asked for again',
  async ({ checkout, spec, first, server }) => {
    await checkout(spec());
    server.requests.length = 0;
    await checkout(spec({ ref: first }));
    assert.equal(server.requests, []);
    await checkout(spec());
    assert.ok(server.requests.length > 0);
  },
);

withBench(
  'an older commit is fetched by its name, where no ref leads to it',
  async ({ dir, checkout, spec, first }) => {
    commitFiles(dir.file('r'), { f: 'two\n' });
    publish(dir.file('r'), dir.file('www', 'r.git'));
    assert.is(readFileSync(`${await checkout(spec())}/f`, 'utf8'), 'two\n');
    assert.is(readFileSync(`${await checkout(spec({ ref: first }))}/f`, 'utf8'), 'one\n');
  },
);

withBench('with keep-git-dir it is a repository of its own, its origin without a login', async (on) => {
  const { checkout, spec, server, first } = on;
  const remote = `${server.url}/r.git`.replace('http://', 'http://me:hidden@');
  const folder = await checkout(spec({ remote, keepGitDir: true }));
  assert.is(git(folder, 'rev-parse', 'HEAD'), first);
  assert.is(git(folder, 'status', '--short'), '');
  assert.is(git(folder, 'remote', 'get-url', 'origin'), `${server.url}/r.git`);
  assert.not.match(readFileSync(`${folder}/.git/config`, 'utf8'), /hidden/);
});

withBench('submodules lie in their places, by relative addresses too; or they stay empty', async (on) => {
  const { dir, checkout, spec } = on;
  commitFiles(dir.file('s'), { s: 's\n' });
  publish(dir.file('s'), dir.file('www', 's.git'));
  git(dir.file('r'), 'submodule', 'add', '--quiet', dir.file('www', 's.git'), 'mod');
  git(dir.file('r'), 'config', '-f', '.gitmodules', 'submodule.mod.url', '../s.git');
  commitFiles(dir.file('r'), {});
  publish(dir.file('r'), dir.file('www', 'r.git'));
  assert.equal(readdirSync(`${await checkout(spec())}/mod`), ['s']);
  assert.equal(readdirSync(`${await checkout(spec({ submodules: false }))}/mod`), []);
});

withBench('a submodule on this machine, or behind a command, is refused', async (on) => {
  const { dir, checkout, spec } = on;
  commitFiles(dir.file('s'), { s: 's\n' });
  git(dir.file('r'), 'submodule', 'add', '--quiet', dir.file('s'), 'mod');
  for (const address of [
    dir.file('s'),
    `file://${dir.file('s')}`,
    'ext::touch pwned',
    '--upload-pack=touch',
  ]) {
    git(dir.file('r'), 'config', '-f', '.gitmodules', 'submodule.mod.url', address);
    commitFiles(dir.file('r'), {});
    publish(dir.file('r'), dir.file('www', 'r.git'));
    await rejects(checkout(spec()), 'ERR_USAGE', /no address of a Git repository/);
  }
});

withBench('secrets log in, those of the host first; a plain one goes to no other server', async (on) => {
  const { dir, server, source, spec } = on;
  server.authorization = basic('x-access-token:top');
  await rejects(source().resolve(spec(), signal), 'ERR_UNAUTHORIZED', /GIT_AUTH_TOKEN\.127\.0\.0\.1/);
  await source({ GIT_AUTH_TOKEN: 'top' }).resolve(spec(), signal);
  const host = server.url.slice('http://'.length);
  await source({ GIT_AUTH_TOKEN: 'wrong', [`GIT_AUTH_TOKEN.${host}`]: 'top' }).resolve(spec(), signal);
  await source({ GIT_AUTH_HEADER: basic('x-access-token:top') }).resolve(spec(), signal);

  await using other = await startGitServer(dir.file('www'));
  git(dir.file('r'), 'submodule', 'add', '--quiet', dir.file('www', 'r.git'), 'mod');
  git(dir.file('r'), 'config', '-f', '.gitmodules', 'submodule.mod.url', `${other.url}/r.git`);
  commitFiles(dir.file('r'), {});
  publish(dir.file('r'), dir.file('www', 'r.git'));
  const mine = source({ GIT_AUTH_TOKEN: 'top' });
  mkdirSync(dir.file('deep'));
  await mine.checkout(await mine.resolve(spec(), signal), dir.file('deep'), signal);
  assert.ok(other.logins.length > 0);
  assert.ok(other.logins.every((login) => login === undefined));
});

withBench('a login in the address works, and stands in no message', async ({ server, source, spec }) => {
  server.authorization = basic('me:hidden');
  const address = (login: string) => `${server.url}/r.git`.replace('http://', `http://${login}@`);
  await source().resolve(spec({ remote: address('me:hidden') }), signal);
  const error = await rejects(
    source().resolve(spec({ remote: address('me:mistyped') }), signal),
    'ERR_UNAUTHORIZED',
  );
  assert.not.match(`${error.message} ${error.hint} ${error.stack}`, /mistyped|me:/);
});

withBench('a file can be read without a checkout, links followed inside the repository', async (on) => {
  const { dir, source, spec } = on;
  symlinkSync('docs/in/g', dir.file('r', 'inner'));
  symlinkSync('/etc/passwd', dir.file('r', 'outer'));
  commitFiles(dir.file('r'), {});
  publish(dir.file('r'), dir.file('www', 'r.git'));
  const one = source();
  const commit = await one.resolve(spec(), signal);
  assert.is(await one.readFile(commit, 'f', signal), 'one\n');
  assert.is(await one.readFile(commit, 'inner', signal), 'g\n');
  assert.is(await one.readFile(commit, 'outer', signal), undefined);
  assert.is(await one.readFile(commit, 'none', signal), undefined);
  assert.is(await one.time(commit, signal), commitTime);
});

test('without git the message says what to install', async () => {
  await using dir = await tempDir();
  const source = createGitSource({
    directory: dir.file('m'),
    env: { PATH: dir.path },
    secret: async () => undefined,
  });
  const spec = { remote: 'http://127.0.0.1:1/r.git', ref: undefined, subdir: '', checksum: undefined };
  const work = source.resolve({ ...spec, keepGitDir: false, submodules: true }, signal);
  await rejects(work, 'ERR_UNSUPPORTED', /apt-get install git/);
});

test.run();
