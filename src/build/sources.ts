// What a build fetches from elsewhere: Git repositories, files and archives over HTTP. Each part is loaded when first needed.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import type { EngineOptions } from '../engine.ts';
import type { UnpackBudget } from '../layer/unpack-limits.ts';
import type { Digest } from '../oci/digest.ts';
import type { Result } from '../ops/result.ts';
import type { ContentStore, Tree } from '../seams.ts';
import { createDirectoryTree } from '../snapshot/plain-tree.ts';
import type { GitCommit, GitSource, GitSpec } from '../source/git-source.ts';
import type { HttpFile, HttpSource } from '../source/http-source.ts';
import { createSecrets } from './secrets.ts';
import type { State } from './state.ts';

export interface GitFiles {
  commit: GitCommit;
  /** Checked out when it is opened. */
  result: Result & { kind: 'remote' };
}

/** Disposing of it removes its folders and closes its connections. */
export interface Sources extends AsyncDisposable {
  store: ContentStore;
  /** How much what others made may unpack to. */
  budget: UnpackBudget;
  /** The state folder. */
  root: string;
  git(spec: GitSpec & { mtime: 'checkout' | 'commit' | undefined }, signal: AbortSignal): Promise<GitFiles>;
  readGitFile(commit: GitCommit, path: string, signal: AbortSignal): Promise<string | undefined>;
  /** Seconds since 1970. */
  gitTime(commit: GitCommit, signal: AbortSignal): Promise<number>;
  http(url: string, checksum: Digest | undefined, signal: AbortSignal): Promise<HttpFile>;
  /** A new folder that lasts as long as the sources. */
  tempDir(prefix: string): Promise<string>;
}

const clientOwned = { owner: { uid: 0, gid: 0 }, xattrs: false };
/** Milliseconds without a byte after which a server is given up. */
const idleTimeout = 60_000;
const pauses = [300, 1_000, 3_000];

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function createSources(state: State, engine: EngineOptions, request: BuildRequest): Sources {
  const { root, store, budget } = state;
  const { env } = engine;
  const tmp = join(root, 'tmp');
  const secret = createSecrets(request);
  const held: AsyncDisposable[] = [];
  const epoch = request.buildArgs['SOURCE_DATE_EPOCH'] ?? request.env['SOURCE_DATE_EPOCH'];

  const gitSource = once(async (): Promise<GitSource> => {
    const { createGitSource } = await import('../source/git-source.ts');
    return createGitSource({
      directory: join(root, 'git-v1'),
      env,
      secret,
      offline: request.offline,
      lease: state.lease,
    });
  });

  const httpSource = once(async (): Promise<HttpSource> => {
    const { createDispatchers } = await import('../registry/dispatcher.ts');
    const { createHttpClient } = await import('../source/http-request.ts');
    const { createHttpIndex } = await import('../source/http-index.ts');
    const { createHttpSource } = await import('../source/http-source.ts');
    const dispatchers = createDispatchers({ env, idleTimeout });
    held.push({ [Symbol.asyncDispose]: () => dispatchers.close() });
    const client = createHttpClient({ dispatcher: (url) => dispatchers.for(url, false), pauses });
    const index = createHttpIndex(join(root, 'http-v1'), tmp);
    return createHttpSource({
      store,
      index,
      client,
      secret,
      retries: pauses.length,
      longest: budget.limits.download,
      offline: request.offline,
    });
  });

  async function tempDir(prefix: string): Promise<string> {
    const folder = await state.tempDir(prefix);
    held.push(folder);
    return folder.path;
  }

  async function openCommit(
    commit: GitCommit,
    mtime: 'checkout' | 'commit' | undefined,
    signal: AbortSignal,
  ): Promise<Tree> {
    const source = await gitSource();
    const folder = join(await tempDir('git'), 'files');
    await mkdir(folder);
    await chmod(folder, 0o755);
    const tree = createDirectoryTree(await source.checkout(commit, folder, signal), clientOwned);
    if ((mtime ?? (epoch ? 'commit' : 'checkout')) === 'checkout') return tree;
    return withTime(tree, BigInt(await source.time(commit, signal)) * 1_000_000_000n);
  }

  return {
    store,
    budget,
    root,
    tempDir,
    async git(spec, signal) {
      state.gate.pass();
      const commit = await (await gitSource()).resolve(spec, signal);
      let tree: Promise<Tree> | undefined;
      const open = (openSignal: AbortSignal): Promise<Tree> => {
        tree ??= openCommit(commit, spec.mtime, openSignal);
        return tree;
      };
      return { commit, result: { kind: 'remote', identity: commit.identity, open } };
    },
    readGitFile: async (commit, path, signal) => (await gitSource()).readFile(commit, path, signal),
    gitTime: async (commit, signal) => (await gitSource()).time(commit, signal),
    async http(url, checksum, signal) {
      state.gate.pass();
      return (await httpSource()).fetch(url, checksum, signal);
    },
    async [Symbol.asyncDispose]() {
      for (const one of held.splice(0).reverse()) await one[Symbol.asyncDispose]();
    },
  };
}

/** The same files, all of one time. */
function withTime(tree: Tree, mtime: bigint): Tree {
  return {
    ...tree,
    lstat(path) {
      const entry = tree.lstat(path);
      return entry && { ...entry, mtime };
    },
  };
}
