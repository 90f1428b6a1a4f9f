// The folders of a step's cache mounts, taken in one order by every step, so that no two wait for each other.

import { SlipwayError } from '../errors.ts';
import type { ExecMount } from '../graph/vertex.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { copyEntries } from './copy-entries.ts';
import type { OpEnvironment } from './environment.ts';
import { identityOf, layersOf, type Result } from './result.ts';

type CacheMount = Extract<ExecMount, { type: 'cache' }>;

export interface CacheFolderContext {
  environment: OpEnvironment;
  mounts: readonly ExecMount[];
  inputs: readonly (Result | undefined)[];
  /** --no-cache: caches begin empty. */
  fresh: boolean;
  /** Released after the step. */
  held: AsyncDisposable[];
  signal: AbortSignal;
}

/** A cache that begins with other files is another cache. */
function cacheID(context: CacheFolderContext, mount: CacheMount): string {
  if (mount.input === undefined) return mount.id;
  const result = context.inputs[mount.input];
  const identity = result?.kind === 'tree' ? 'context' : identityOf(result);
  return `${mount.id} from ${identity} ${mount.source}`;
}

/** What makes two mounts one cache: another owner or mode is another. */
function cacheKey(id: string, { sharing, mode, uid, gid }: CacheMount): string {
  return JSON.stringify([id, mode, uid, gid, sharing]);
}

/** The host folder of each cache mount; equal ones share theirs. @throws ERR_SOURCE_NOT_FOUND for a seed that is not there */
export async function takeCacheFolders(context: CacheFolderContext): Promise<Map<ExecMount, string>> {
  const { environment, fresh, held, signal } = context;
  const mounts = context.mounts.filter((mount): mount is CacheMount => mount.type === 'cache');
  const keyOf = (mount: CacheMount): string => cacheKey(cacheID(context, mount), mount);
  const byKey = new Map(mounts.map((mount) => [keyOf(mount), mount]));
  const paths = new Map<string, string>();
  for (const key of [...byKey.keys()].sort()) {
    const mount = byKey.get(key)!;
    const seeding = mount.input === undefined ? undefined : (made: string) => seed(context, mount, made);
    const identity = { ...mount, id: cacheID(context, mount) };
    const folder = await environment.cacheMount(identity, { fresh, seed: seeding, signal });
    held.push(folder);
    paths.set(key, folder.path);
  }
  return new Map(mounts.map((mount) => [mount, paths.get(keyOf(mount))!]));
}

/** A new cache begins with what from= and source= name. */
async function seed(context: CacheFolderContext, mount: CacheMount, folder: string): Promise<void> {
  const result = context.inputs[mount.input!];
  const { snapshotter } = context.environment;
  const tree =
    result?.kind === 'tree' ? result.tree : (await snapshotter.view(layersOf(result), context.signal)).tree;
  const path = resolvePath(tree, cleanPath(mount.source), { followLast: true });
  if (!tree.lstat(path)) {
    throw new SlipwayError(
      'ERR_SOURCE_NOT_FOUND',
      `${JSON.stringify(mount.source)}: not found in what seeds the cache`,
      {
        hint: 'check from= and source= of the mount',
      },
    );
  }
  copyEntries(tree, path, folder);
}
