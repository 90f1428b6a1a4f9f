// After a build that ran steps, or that finds what one left that was killed: clears what is thrown away, and what is nobody's.
import { readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { deadLeases, sweepLeases } from '../fs/lease.ts';
import { lentEnding, reclaimAbandoned } from '../fs/lent-folder.ts';
import { staleLocks, sweepLocks } from '../fs/lock.ts';
import { removeTree } from '../fs/temp-dir.ts';
import { abandonedIn } from '../fs/unique-name.ts';
import { deadGroups, removeGroup } from '../runtime/dead-groups.ts';
import { abandonedParents } from '../runtime/noted-parents.ts';
import { sweep } from '../snapshot/sweep.ts';
import type { State } from './state.ts';

/**
 * Failing to clean up fails no build. Cache mounts that --no-cache replaced go, too. A lease of a process that was killed says
 * that there is something to clear: it goes last.
 */
export async function sweepState(
  state: Pick<State, 'root' | 'releaseSnapshots' | 'images'>,
  signal: AbortSignal,
): Promise<void> {
  const { root } = state;
  try {
    state.releaseSnapshots();
    reclaimCaches(root);
    const dead = deadLeases(root);
    for (const name of abandonedIn(join(root, 'tmp'))) await removeTree(join(root, 'tmp', name));
    if (dead.length > 0) await sweepLocksOf(state);
    if (dead.length > 0) await sweepCacheMounts(join(root, 'cache-mounts-v1'));
    const snapshots = join(root, 'snapshots-v2');
    for (const name of namesIn(snapshots)) await sweep(join(snapshots, name), signal);
    await removeTree(join(root, 'cache-mounts-v1', 'trash'));
    if (dead.length === 0) return;
    const noted = abandonedParents(root);
    for (const group of deadGroups(noted.flatMap(({ parents }) => parents))) removeGroup(group);
    for (const { file } of noted) await rm(file, { force: true });
    sweepLeases(dead);
  } catch {
    // The next build tries again.
  }
}

/** Before snapshots are swept: what a killed build had moved into a step's root lies in one of them. */
export function reclaimCaches(root: string): void {
  const folder = join(root, 'cache-mounts-v1');
  for (const name of namesIn(folder))
    for (const file of namesIn(join(folder, name)))
      if (file.endsWith(lentEnding)) reclaimAbandoned(join(folder, name, file.slice(0, -lentEnding.length)));
}

/** What was to be filled from a shared cache. */
async function sweepCacheMounts(folder: string): Promise<void> {
  for (const mount of namesIn(folder).filter((name) => name !== 'trash'))
    for (const name of abandonedIn(join(folder, mount), { prefix: '' }))
      await removeTree(join(folder, mount, name));
}

async function sweepLocksOf({ root, images }: Pick<State, 'root' | 'images'>): Promise<void> {
  const locks = join(root, 'locks');
  // Whoever held it may have been killed between a name and the list that follows from the names.
  if (staleLocks(locks).some(({ file }) => basename(file) === 'images')) await images.index();
  const folders = [
    locks,
    ...namesIn(join(root, 'snapshots-v2')).map((name) => join(root, 'snapshots-v2', name, 'locks')),
  ];
  for (const folder of [...folders, join(root, 'git-v1')]) sweepLocks(folder);
}

const namesIn = (folder: string): string[] =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
