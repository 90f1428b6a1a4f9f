// After a build that ran steps: clears what it threw away, and what builds that were killed left behind.
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lentEnding, reclaimAbandoned } from '../fs/lent-folder.ts';
import { isAlive, parseIdentity } from '../fs/process-identity.ts';
import { sweep } from '../snapshot/sweep.ts';
import type { State } from './state.ts';

/** What has no owner that can be looked up goes after this long; milliseconds. */
const patience = 24 * 3600_000;

/** Failing to clean up fails no build. Cache mounts that --no-cache replaced go, too. */
export async function sweepState(state: State, signal: AbortSignal): Promise<void> {
  try {
    state.releaseSnapshots();
    await reclaimCaches(join(state.root, 'cache-mounts-v1'));
    await sweepTemporary(join(state.root, 'tmp'));
    const snapshots = join(state.root, 'snapshots-v2');
    for (const name of existsSync(snapshots) ? await readdir(snapshots) : [])
      await sweep(join(snapshots, name), signal);
    await rm(join(state.root, 'cache-mounts-v1', 'trash'), { recursive: true, force: true });
  } catch {
    // The next build tries again.
  }
}

/** What a killed build had moved into a step's root lies in a snapshot that is swept. */
async function reclaimCaches(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    for (const file of await readdir(join(folder, name)).catch(() => []))
      if (file.endsWith(lentEnding)) reclaimAbandoned(join(folder, name, file.slice(0, -lentEnding.length)));
}

async function sweepTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const owner = parseIdentity(await readFile(join(path, 'owner'), 'utf8').catch(() => ''));
    const alive = owner && isAlive(owner);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (alive === false || (alive === undefined && age > patience))
      await rm(path, { recursive: true, force: true });
  }
}
