// One bare repository for each address, in which the commits that were needed lie, each under a ref of its own.
import { existsSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Lease } from '../fs/lease.ts';
import { withLock } from '../fs/lock.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { GitFailure, runGit } from './git-command.ts';
import { gitError } from './git-failure.ts';
import { type GitRemote, gitLogin, type SecretReader } from './git-remote.ts';

export interface Mirrors {
  /** The mirror's path, the commit in it: it is asked for only where it is missing. @throws as GitSource.resolve */
  fetch(wanted: { remote: GitRemote; ref: string; commit: string }, signal: AbortSignal): Promise<string>;
}

export interface MirrorOptions {
  directory: string;
  env: Record<string, string | undefined>;
  secret: SecretReader;
  /** Nothing is asked of servers. */
  offline?: boolean | undefined;
  /** Keeps what is used from being deleted. */
  lease?: Pick<Lease, 'use'> | undefined;
}

export const keptRef = (commit: string): string => `refs/slipway/${commit}`;

export function createMirrors(options: MirrorOptions): Mirrors {
  const { env, secret } = options;

  /** False where there is no mirror. */
  async function use(repository: string): Promise<boolean> {
    const seen = statSync(repository, { throwIfNoEntry: false });
    return seen !== undefined && (await (options.lease?.use(repository, seen.mtimeMs) ?? true));
  }

  async function has(repository: string, commit: string, signal: AbortSignal): Promise<boolean> {
    try {
      // The ref is written when all of the commit is there.
      await runGit(['cat-file', '-e', `${keptRef(commit)}^{commit}`], { env, signal, repository });
      return true;
    } catch (error) {
      if (error instanceof GitFailure) return false;
      throw error;
    }
  }

  async function prepare(repository: string, commit: string, signal: AbortSignal): Promise<void> {
    if (existsSync(join(repository, 'HEAD'))) return;
    await mkdir(repository, { recursive: true, mode: 0o700 });
    const format = commit.length === 64 ? ['--object-format=sha256'] : [];
    await runGit(['init', '--quiet', '--bare', '--template=', ...format, '--', repository], { env, signal });
  }

  return {
    async fetch({ remote, ref, commit }, signal) {
      const format = commit.length === 64 ? ' sha256' : '';
      const repository = join(options.directory, hexOf(digestOf(remote.url + format)));
      if ((await use(repository)) && (await has(repository, commit, signal))) return repository;
      await mkdir(options.directory, { recursive: true });
      return withLock(`${repository}.lock`, signal, async () => {
        try {
          await prepare(repository, commit, signal);
          await use(repository);
          if (await has(repository, commit, signal)) return repository;
          // What a killed fetch has left.
          await rm(join(repository, 'shallow.lock'), { force: true });
          if (options.offline) {
            throw new SlipwayError('ERR_OFFLINE', `commit ${commit} of ${remote.shown} is not here`, {
              hint: 'build once without --offline',
            });
          }
          const config = await gitLogin(remote, secret);
          await fetchCommit({ repository, remote, ref, commit, config, env }, signal);
          await runGit(['update-ref', keptRef(commit), `${commit}^{commit}`], { env, signal, repository });
        } catch (error) {
          throw gitError(error, remote);
        }
        return repository;
      });
    },
  };
}

interface Fetch {
  repository: string;
  remote: GitRemote;
  ref: string;
  commit: string;
  config: [string, string][];
  env: Record<string, string | undefined>;
}

/** The narrowest way that the server allows: the commit alone, its branch or tag, and at last everything. */
async function fetchCommit(fetch: Fetch, signal: AbortSignal): Promise<void> {
  const { repository, remote, ref, commit, config, env } = fetch;
  const everything = ['+refs/heads/*:refs/remote/heads/*', '+refs/tags/*:refs/remote/tags/*'];
  const isNamed = ref !== commit;
  const attempts = [
    { flags: ['--depth=1'], refs: [isNamed ? ref : commit] },
    ...(isNamed ? [{ flags: ['--depth=1'], refs: [commit] }] : []),
    { flags: existsSync(join(repository, 'shallow')) ? ['--unshallow'] : [], refs: everything },
    { flags: [], refs: everything },
  ];
  let failure: unknown;
  for (const { flags, refs } of attempts) {
    const args = [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--force',
    ];
    try {
      await runGit([...args, ...flags, '--', remote.url, ...refs], { env, signal, repository, config });
      if (await holds(fetch, signal)) return;
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      failure ??= error;
      if (
        !/not our ref|unadvertised object|shallow|depth|dumb http|allow-tip|couldn't find remote ref/i.test(
          error.stderr,
        )
      )
        throw error;
    }
  }
  throw (
    failure ??
    new SlipwayError('ERR_SOURCE_NOT_FOUND', `${remote.shown} has no commit ${commit}`, {
      hint: 'it may have been removed from its branch: name another',
    })
  );
}

async function holds({ repository, commit, env }: Fetch, signal: AbortSignal): Promise<boolean> {
  try {
    await runGit(['cat-file', '-e', `${commit}^{commit}`], { env, signal, repository });
    return true;
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}
