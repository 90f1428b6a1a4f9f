// The folders of RUN --mount=type=cache: kept between builds, by id, owner and mode.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { reclaimFolder } from '../fs/lent-folder.ts';
import { giveOwner } from '../fs/owner-mark.ts';
import { makePrivateFolder } from '../fs/private-folder.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import type { OpEnvironment } from '../ops/environment.ts';
import type { MountIdentity } from './mount-exchange.ts';
import type { State } from './state.ts';

interface Options {
  /** --no-cache: it begins empty. */
  fresh: boolean;
  /** Puts what it begins with into a new folder, before any step sees that. */
  seed?: ((folder: string) => Promise<void>) | undefined;
  signal: AbortSignal;
}

/** `locked` waits for whoever holds it; `private` takes another folder where one is held; `shared` shares. */
export function createCacheMounts(state: State): OpEnvironment['cacheMount'] {
  const emptied = new Set<string>();

  const making = new Map<string, Promise<void>>();

  /** One after the other, where several steps come to share one. */
  function makeFolder(path: string, mount: MountIdentity, options: Options): Promise<void> {
    const before = making.get(path) ?? Promise.resolve();
    const work = before.catch(() => {}).then(() => makeNow(path, mount, options));
    making.set(path, work);
    return work;
  }

  async function makeNow(path: string, mount: MountIdentity, options: Options): Promise<void> {
    const { fresh, seed, signal } = options;
    makePrivateFolder(join(state.root, 'cache-mounts-v1'));
    state.mounts.used(mount, path);
    await reclaimFolder(path, signal);
    if (fresh && !emptied.has(path) && existsSync(path)) {
      const trash = join(state.root, 'cache-mounts-v1', 'trash');
      mkdirSync(trash, { recursive: true });
      renameSync(path, join(trash, uniqueName('cache')));
    }
    emptied.add(path);
    if (existsSync(path)) return;
    if (!fresh && (await state.mounts.fill(mount, path, signal))) return;
    // A step that has it could put links in the way of what is written here.
    const made = `${path}.${uniqueName('new')}`;
    mkdirSync(made, { recursive: true });
    try {
      await seed?.(made);
      giveOwner(made, mount);
      // As BuildKit, the sticky bit of a cache's mode is lost.
      chmodSync(made, mount.mode & 0o777);
      renameSync(made, path);
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      // Another build was faster.
      if (!['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
    }
  }

  return async (mount, options) => {
    const { signal } = options;
    const name = hexOf(digestOf([mount.id, mount.mode, mount.uid, mount.gid].join('\n')));
    const base = join(state.root, 'cache-mounts-v1', name);
    // Its own time, which no step sees, says when it was last used.
    const seen = statSync(base, { throwIfNoEntry: false });
    if (seen) await state.lease.use(base, seen.mtimeMs);
    else await state.lease.hold();
    if (mount.sharing === 'shared') {
      const path = join(base, '0');
      await makeFolder(path, mount, options);
      return { path, async [Symbol.asyncDispose]() {} };
    }
    const { path, release } =
      mount.sharing === 'locked'
        ? await holdFolder(state, join(base, '0'), signal)
        : await holdAny(state, base, signal);
    try {
      await makeFolder(path, mount, options);
      return { path, [Symbol.asyncDispose]: release };
    } catch (error) {
      await release();
      throw error;
    }
  };
}

interface Held {
  path: string;
  release(): Promise<void>;
}

/** The first folder that no step of this or another build holds. */
async function holdAny(state: State, base: string, signal: AbortSignal): Promise<Held> {
  for (let number = 0; ; number++) {
    // Who holds a folder holds it for a step: a moment's wait tells.
    const soon = new AbortController();
    const timer = setTimeout(() => soon.abort(), patience);
    try {
      return await holdFolder(state, join(base, String(number)), AbortSignal.any([signal, soon.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (!soon.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Milliseconds. */
const patience = 50;

/** Holds a lock between two calls. */
async function holdFolder(state: State, path: string, signal: AbortSignal): Promise<Held> {
  let leave!: () => void;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let work: Promise<void> | undefined;
  await new Promise<void>((entered, failed) => {
    work = state.cache.exclusive(`cache mount ${path}`, signal, async () => {
      entered();
      await left;
    });
    work.catch(failed);
  });
  return {
    path,
    async release() {
      leave();
      await work;
    },
  };
}
