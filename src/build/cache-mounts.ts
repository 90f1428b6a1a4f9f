// The folders of RUN --mount=type=cache: kept between builds, by id, owner and mode.
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { uniqueName } from '../fs/atomic-write.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import type { OpEnvironment } from '../ops/environment.ts';
import type { State } from './state.ts';

/** `locked` waits for whoever holds it; `private` takes another folder where one is held; `shared` shares. */
export function createCacheMounts(state: State): OpEnvironment['cacheMount'] {
  const held = new Set<string>();
  const emptied = new Set<string>();

  function makeFolder(
    path: string,
    mount: { mode: number; uid: number; gid: number },
    fresh: boolean,
  ): boolean {
    if (fresh && !emptied.has(path) && existsSync(path)) {
      const trash = join(state.root, 'cache-mounts-v1', 'trash');
      mkdirSync(trash, { recursive: true });
      renameSync(path, join(trash, uniqueName('cache')));
    }
    emptied.add(path);
    if (existsSync(path)) return false;
    mkdirSync(path, { recursive: true });
    chownSync(path, mount.uid, mount.gid);
    // As BuildKit, the sticky bit of a cache's mode is lost.
    chmodSync(path, mount.mode & 0o777);
    return true;
  }

  return async (mount, { fresh, signal }) => {
    const name = hexOf(digestOf([mount.id, mount.mode, mount.uid, mount.gid].join('\n')));
    const base = join(state.root, 'cache-mounts-v1', name);
    if (mount.sharing === 'shared') {
      const path = join(base, '0');
      return { path, created: makeFolder(path, mount, fresh), async [Symbol.asyncDispose]() {} };
    }
    const number = mount.sharing === 'locked' ? 0 : firstFree(base);
    const path = join(base, String(number));
    held.add(path);
    const release = await hold(state, `cache mount ${path}`, signal);
    return {
      path,
      created: makeFolder(path, mount, fresh),
      async [Symbol.asyncDispose]() {
        held.delete(path);
        await release();
      },
    };
  };

  function firstFree(base: string): number {
    let number = 0;
    while (held.has(join(base, String(number)))) number++;
    return number;
  }
}

/** Holds a lock between two calls. */
async function hold(state: State, name: string, signal: AbortSignal): Promise<() => Promise<void>> {
  let leave!: () => void;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let work: Promise<void> | undefined;
  await new Promise<void>((entered, failed) => {
    work = state.cache.exclusive(name, signal, async () => {
      entered();
      await left;
    });
    work.catch(failed);
  });
  return async () => {
    leave();
    await work;
  };
}
