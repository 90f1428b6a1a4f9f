// A commit as files in a folder: without .git unless it is asked for, submodules in their places.
import { lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { decodeName } from '../fs/path-bytes.ts';
import { runGit } from './git-command.ts';
import { gitError } from './git-failure.ts';
import { keptRef, type Mirrors } from './git-mirror.ts';
import { type SecretReader, submoduleRemote } from './git-remote.ts';
import type { GitCommit } from './git-source.ts';
import { readSubmodules } from './git-submodules.ts';

export interface CheckoutOptions {
  env: Record<string, string | undefined>;
  secret: SecretReader;
  mirrors: Mirrors;
  signal: AbortSignal;
}

const deepest = 16;

/** Fills an empty folder; returns the folder that the spec names in it. @throws ERR_SOURCE_NOT_FOUND */
export async function checkoutCommit(
  commit: GitCommit,
  directory: string,
  options: CheckoutOptions,
): Promise<string> {
  const { spec } = commit;
  const keeps = spec.keepGitDir && spec.subdir === '';
  const repository = await options.mirrors.fetch(commit, options.signal);
  if (keeps) await initClone(commit, repository, directory, options);
  await writeFiles(commit, directory, options, {
    repository: keeps ? join(directory, '.git') : repository,
    depth: 0,
  });
  if (!keeps) return subdirectory(commit, directory);
  await runGit(['status', '--short'], gitIn(directory, options));
  return directory;
}

function gitIn(directory: string, { env, signal }: CheckoutOptions) {
  return { env, signal, repository: join(directory, '.git'), worktree: directory };
}

/** A repository of its own with this commit, HEAD on it: a clone, but not one that shares files with the mirror. */
async function initClone(
  commit: GitCommit,
  mirror: string,
  directory: string,
  options: CheckoutOptions,
): Promise<void> {
  const { env, signal } = options;
  const format = commit.commit.length === 64 ? ['--object-format=sha256'] : [];
  await runGit(['init', '--quiet', '--template=', ...format, '--', directory], { env, signal });
  const inside = gitIn(directory, options);
  const branch = commit.ref.startsWith('refs/')
    ? [`${keptRef(commit.commit)}:${commit.ref}`]
    : [keptRef(commit.commit)];
  const fetch = ['fetch', '--quiet', '--no-tags', '--depth=1', '--update-head-ok', '--no-write-fetch-head'];
  await runGit([...fetch, '--', `file://${mirror}`, ...branch], { ...inside, local: true });
  await runGit(['update-ref', '--no-deref', 'HEAD', commit.commit], inside);
  await runGit(['remote', 'add', '--', 'origin', commit.remote.url], inside);
  await rm(join(directory, '.git', 'logs'), { recursive: true, force: true });
}

/** Writes what the index of a commit says, and the same for its submodules. */
async function writeFiles(
  commit: Pick<GitCommit, 'commit' | 'remote' | 'spec'>,
  directory: string,
  options: CheckoutOptions,
  at: { repository: string; depth: number },
): Promise<void> {
  const { env, signal } = options;
  const { repository } = at;
  const own = join(directory, '.git') === repository;
  const index = own ? undefined : `${directory}.index`;
  try {
    const git = { env, signal, repository, worktree: directory, index };
    await runGit(['read-tree', '--reset', '-u', commit.commit], git);
    if (commit.spec.submodules) await writeSubmodules(commit, directory, options, { ...at, index });
  } finally {
    if (index !== undefined) await rm(index, { force: true });
  }
}

async function writeSubmodules(
  commit: Pick<GitCommit, 'commit' | 'remote' | 'spec'>,
  directory: string,
  options: CheckoutOptions,
  at: { repository: string; depth: number; index: string | undefined },
): Promise<void> {
  const { env, signal, mirrors } = options;
  const git = { env, signal, repository: at.repository, worktree: directory, index: at.index };
  const listing = decodeName(await runGit(['ls-files', '--stage', '-z'], git));
  const links = [...listing.matchAll(/160000 ([0-9a-f]+) 0\t([^\0]*)\0/g)];
  if (links.length === 0) return;
  if (at.depth >= deepest) {
    throw new SlipwayError(
      'ERR_UNSUPPORTED',
      `submodules lie more than ${deepest} deep in ${commit.remote.shown}`,
      {
        hint: 'add ?submodules=false to the address',
      },
    );
  }
  const addresses = await submoduleAddresses(commit, git);
  for (const [, sha = '', path = ''] of links) {
    const address = addresses.get(path);
    // A link that .gitmodules does not know stays an empty folder.
    if (address === undefined) continue;
    const inner = {
      commit: sha,
      ref: sha,
      remote: submoduleRemote(commit.remote, address),
      spec: commit.spec,
    };
    if (!isFolder(directory, path)) {
      throw new SlipwayError(
        'ERR_SOURCE_NOT_FOUND',
        `${commit.remote.shown} has a submodule at ${path}, and a link or a file in its way`,
        { hint: 'add ?submodules=false to the address' },
      );
    }
    const repository = await mirrors.fetch(inner, signal);
    await writeFiles(inner, join(directory, path), options, { repository, depth: at.depth + 1 });
  }
}

/** By path. */
async function submoduleAddresses(
  commit: Pick<GitCommit, 'commit' | 'remote'>,
  git: Parameters<typeof runGit>[1],
): Promise<Map<string, string>> {
  let text: string;
  try {
    const args = ['config', `--blob=${commit.commit}:.gitmodules`, '--null', '--list'];
    text = decodeName(await runGit(args, { ...git, worktree: undefined }));
  } catch (error) {
    if (/unable to (resolve|read) config blob/i.test(String(error))) return new Map();
    throw gitError(error, commit.remote);
  }
  return readSubmodules(text);
}

/** No link leads out of the checkout: every part of the path is a folder itself. */
function isFolder(directory: string, path: string): boolean {
  let at = directory;
  for (const part of path.split('/').filter(Boolean)) {
    at = join(at, part);
    if (part === '..' || !lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) return false;
  }
  return true;
}

function subdirectory({ spec, remote }: GitCommit, directory: string): string {
  if (isFolder(directory, spec.subdir)) return join(directory, spec.subdir);
  throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `${remote.shown} has no folder ${spec.subdir}`, {
    hint: 'check what stands behind the colon, or in subdir=',
  });
}
