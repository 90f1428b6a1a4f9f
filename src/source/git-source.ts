// Git repositories as sources: a name is resolved to a commit without a download, commits are fetched into a bare mirror.
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { checkoutCommit } from './git-checkout.ts';
import { runGit } from './git-command.ts';
import { gitError } from './git-failure.ts';
import { createMirrors, type MirrorOptions } from './git-mirror.ts';
import { createRefMemory, type FoundRef } from './git-ref-memory.ts';
import { chooseRef, isCommit } from './git-refs.ts';
import { type GitRemote, gitLogin, parseGitRemote, type SecretReader } from './git-remote.ts';

/** Which state of which repository. */
export interface GitSpec {
  /** May hold a login. */
  remote: string;
  ref: string | undefined;
  /** Clean, relative; '' is all of it. */
  subdir: string;
  /** How the commit, or the annotated tag that leads to it, must begin. */
  checksum: string | undefined;
  keepGitDir: boolean;
  submodules: boolean;
  /** What the ref stands for, where that is known: the server is not asked. */
  pinned?: { ref: string; commit: string } | undefined;
}

export interface GitCommit {
  spec: GitSpec;
  remote: GitRemote;
  /** The full name of the branch or tag; the commit itself where that was asked for. */
  ref: string;
  commit: string;
  /** Names all that a checkout holds. */
  identity: string;
}

export interface GitSource {
  /** Asks the server what the ref stands for; nothing is fetched. @throws ERR_SOURCE_NOT_FOUND, ERR_DIGEST_MISMATCH, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_UNSUPPORTED without git */
  resolve(spec: GitSpec, signal: AbortSignal): Promise<GitCommit>;
  /** A file's content out of the mirror; undefined where there is none. */
  readFile(commit: GitCommit, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** Seconds since 1970. */
  time(commit: GitCommit, signal: AbortSignal): Promise<number>;
  /** Fills an empty folder. Modes are 0644 and 0755. @throws ERR_SOURCE_NOT_FOUND where the subdirectory is none. */
  checkout(commit: GitCommit, directory: string, signal: AbortSignal): Promise<string>;
}

export interface GitSourceOptions {
  /** The folder for mirrors: made when first needed. */
  directory: string;
  env: Record<string, string | undefined>;
  secret: SecretReader;
  /** Keeps what is used from being deleted. */
  lease?: MirrorOptions['lease'];
  /** Nothing is asked of servers. */
  offline?: boolean | undefined;
}

export function createGitSource(options: GitSourceOptions): GitSource {
  const { env, secret } = options;
  const mirrors = createMirrors(options);
  const memory = createRefMemory(join(options.directory, 'refs'));

  async function resolve(spec: GitSpec, signal: AbortSignal): Promise<GitCommit> {
    const remote = parseGitRemote(spec.remote);
    const found = spec.pinned
      ? { ...spec.pinned, tag: undefined }
      : isCommit(spec.ref)
        ? { ref: spec.ref.toLowerCase(), commit: spec.ref.toLowerCase(), tag: undefined }
        : await refOf(remote, spec.ref, signal);
    const expected = spec.checksum?.toLowerCase();
    if (expected !== undefined && !found.commit.startsWith(expected) && !found.tag?.startsWith(expected)) {
      throw new SlipwayError(
        'ERR_DIGEST_MISMATCH',
        `expected checksum to match ${expected}, got ${found.commit} for ${found.ref} of ${remote.shown}`,
        { hint: 'the branch or tag has moved: check what it holds, then change the checksum' },
      );
    }
    const { ref, commit } = found;
    const parts = [commit, spec.subdir, spec.submodules ? 'submodules' : ''];
    if (spec.keepGitDir && spec.subdir === '') parts.push('.git', ref, remote.url);
    return { spec, remote, ref, commit, identity: `git ${JSON.stringify(parts)}` };
  }

  /** Offline, what the server said last. */
  async function refOf(remote: GitRemote, ref: string | undefined, signal: AbortSignal): Promise<FoundRef> {
    if (!options.offline) {
      const found = await askServer(remote, ref, signal);
      await memory.set(remote.url, ref, found);
      return found;
    }
    const known = memory.get(remote.url, ref);
    if (known) return known;
    throw new SlipwayError(
      'ERR_OFFLINE',
      `what ${ref ?? 'the default branch'} of ${remote.shown} stands for is not known here`,
      { hint: 'build once without --offline, or name a whole commit after #' },
    );
  }

  async function askServer(
    remote: GitRemote,
    ref: string | undefined,
    signal: AbortSignal,
  ): Promise<FoundRef> {
    const wanted = ref === undefined ? ['HEAD'] : [ref, `${ref}^{}`];
    let text: string;
    try {
      const config = await gitLogin(remote, secret);
      text = (
        await runGit(['ls-remote', '--symref', '--', remote.url, ...wanted], { env, signal, config })
      ).toString('utf8');
    } catch (error) {
      throw gitError(error, remote);
    }
    const chosen = chooseRef(text, ref);
    if (chosen) return chosen;
    const what = ref === undefined ? 'no default branch' : `no branch or tag ${JSON.stringify(ref)}`;
    throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `${remote.shown} has ${what}`, {
      hint: 'name a branch, a tag or a whole commit after #',
    });
  }

  /** What git complains about is told as a failure of the repository. */
  async function told<T>({ remote }: GitCommit, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw gitError(error, remote);
    }
  }

  return {
    resolve,
    readFile: (commit, path, signal) =>
      told(commit, async () => {
        const repository = await mirrors.fetch(commit, signal);
        const name = [commit.spec.subdir, path].filter(Boolean).join('/');
        if (/[\n\0]/.test(name)) return undefined;
        const args = ['cat-file', '--batch', '--follow-symlinks'];
        const answer = await runGit(args, { env, signal, repository, input: `${commit.commit}:${name}\n` });
        const end = answer.indexOf('\n');
        const header = /^[0-9a-f]+ blob (\d+)$/.exec(answer.toString('latin1', 0, end));
        return header ? answer.toString('utf8', end + 1, end + 1 + Number(header[1])) : undefined;
      }),
    time: (commit, signal) =>
      told(commit, async () => {
        const repository = await mirrors.fetch(commit, signal);
        const args = ['show', '-s', '--no-show-signature', '--format=%ct', `${commit.commit}^{commit}`];
        return Number((await runGit(args, { env, signal, repository })).toString('latin1').trim());
      }),
    checkout: (commit, directory, signal) =>
      told(commit, () => checkoutCommit(commit, directory, { env, secret, mirrors, signal })),
  };
}
