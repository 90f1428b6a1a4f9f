// Labels and provenance from the Git work tree that a build reads, in real repositories.
import { rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addGitInfo } from '../../src/cli/commands/git-info.ts';
import type { BuildRequest } from '../../src/index.ts';
import { createTestSession } from '../support/cli-session.ts';
import { commitFiles, git, hasGit } from '../support/git-server.ts';
import { rejects } from '../support/rejects.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('git info');
const revision = 'org.opencontainers.image.revision';
const source = 'org.opencontainers.image.source';
const entrypoint = 'com.docker.image.source.entrypoint';

/** What becomes of a request for a folder, `app` by default. */
async function ask(
  dir: TempDir,
  env: Record<string, string>,
  changes: Partial<BuildRequest> = {},
): Promise<Pick<BuildRequest, 'labels' | 'vcs'>> {
  const request = { context: 'app', cwd: dir.path, labels: {}, ...changes } as BuildRequest;
  const session = createTestSession({ cwd: dir.path, env: { PATH: process.env['PATH'], ...env } });
  await addGitInfo(request, session);
  const { labels, vcs } = request;
  return { labels, ...(vcs ? { vcs } : {}) };
}

const on = { BUILDX_GIT_LABELS: '1' };
const provenance = { attestations: { provenance: { mode: 'min', version: 'v1' } } } as const;

test('labels say commit, remote without a login, and where the Dockerfile lies', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  const commit = commitFiles(dir.path, { 'app/Dockerfile': 'FROM scratch', other: '' });
  assert.equal((await ask(dir, on)).labels, { [revision]: commit, [entrypoint]: 'app/Dockerfile' });
  git(dir.path, 'remote', 'add', 'upstream', 'https://wilma:secret@git.test/up.git');
  assert.is((await ask(dir, on)).labels[source], 'https://git.test/up.git');
  git(dir.path, 'remote', 'add', 'origin', 'git@git.test:app.git');
  assert.is((await ask(dir, on)).labels[source], 'git@git.test:app.git');
  git(dir.path, 'config', 'branch.main.remote', 'upstream');
  assert.is((await ask(dir, on)).labels[source], 'https://git.test/up.git');
  const own = await ask(dir, on, { labels: { [revision]: 'mine' }, dockerfile: 'other' });
  assert.is(own.labels[revision], 'mine');
  assert.is(own.labels[entrypoint], 'other');
  assert.is((await ask(dir, on, { dockerfile: '-' })).labels[entrypoint], undefined);
});

test('a changed work tree is said to be dirty where that is asked for', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  const commit = commitFiles(dir.path, { 'app/Dockerfile': 'FROM scratch' });
  const asking = { ...on, BUILDX_GIT_CHECK_DIRTY: '1' };
  assert.is((await ask(dir, asking)).labels[revision], commit);
  rmSync(dir.file('app/Dockerfile'));
  assert.is((await ask(dir, asking)).labels[revision], `${commit}-dirty`);
  assert.is((await ask(dir, on)).labels[revision], commit);
});

test('provenance has the repository unless it is turned off', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  const commit = commitFiles(dir.path, { 'app/Dockerfile': 'FROM scratch' });
  const said = await ask(dir, {}, provenance);
  assert.equal(said, {
    labels: {},
    vcs: { revision: commit, 'localdir:context': 'app', 'localdir:dockerfile': 'app' },
  });
  assert.equal(await ask(dir, { BUILDX_GIT_INFO: 'false' }, provenance), { labels: {} });
  assert.equal(await ask(dir, {}), { labels: {} });
});

test('nothing is said of what is no work tree: standard input, URLs, other folders', async () => {
  if (!requireFeature('git', hasGit())) return;
  await using dir = await tempDir();
  commitFiles(dir.file('repository'), { Dockerfile: 'FROM scratch' });
  await using other = await tempDir();
  for (const context of ['-', 'https://git.test/app.git', other.path]) {
    assert.equal(await ask(dir, on, { context }), { labels: {} }, context);
  }
});

test('without git, labels that are asked for are an error; so is a word that is neither on nor off', async () => {
  await using dir = await tempDir();
  await rejects(ask(dir, { ...on, PATH: '/nowhere' }), 'ERR_USAGE', /git could not be started/);
  assert.equal(await ask(dir, { PATH: '/nowhere' }, provenance), { labels: {} });
  await rejects(ask(dir, { BUILDX_GIT_LABELS: 'yes' }), 'ERR_USAGE', /BUILDX_GIT_LABELS is "yes"/);
});

test.run();
