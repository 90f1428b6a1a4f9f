// Deletes what no build needs: the trash, and what processes that died left behind. Never runs while a build waits for it.
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { systemCode } from '../errors.ts';
import { withLock } from '../fs/lock.ts';
import { isAlive, parseIdentity } from '../fs/process-identity.ts';
import { removeTree } from '../fs/temp-dir.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { blockOf, parseRecord } from './chain-store.ts';

/** An owner that can't be looked up from here (another container's) is taken for dead after a week. */
const patience = 7 * 24 * 3600_000;
/** What has no owner yet is being made, unless it is older than this. */
const makingTime = 60_000;

/**
 * Sweeps the directory of a snapshotter. Safe beside running builds, also of other processes.
 * @returns how many leftovers were deleted.
 */
export function sweep(directory: string, signal: AbortSignal): Promise<number> {
  // Two sweeps at once could take a number that was given anew for the dead one that both had seen.
  return withLock(`${directory}/locks/sweep`, signal, () => sweepAlone(directory, signal));
}

async function sweepAlone(directory: string, signal: AbortSignal): Promise<number> {
  const discard = async (name: string): Promise<void> => {
    await rename(`${directory}/${name}`, `${directory}/trash/${uniqueName('swept')}`).catch(ignoreMissing);
  };
  const dead = await deadNames(`${directory}/active`, signal);
  if (dead.length > 0) {
    const kept = await keptLayers(`${directory}/chains`, signal);
    for (const number of await namesIn(`${directory}/l`))
      if (dead.includes(String(blockOf(Number(number)))) && !kept.has(number)) await discard(`l/${number}`);
    for (const block of dead) await discard(`active/${block}`);
  }
  for (const name of await deadNames(`${directory}/tmp`, signal)) await discard(`tmp/${name}`);
  const trash = await namesIn(`${directory}/trash`);
  for (const name of trash) {
    signal.throwIfAborted();
    await removeTree(`${directory}/trash/${name}`);
  }
  return trash.length;
}

/** Names of directories whose owner died, and of files and directories that nobody finished making. */
async function deadNames(directory: string, signal: AbortSignal): Promise<string[]> {
  const dead: string[] = [];
  for (const name of await namesIn(directory)) {
    signal.throwIfAborted();
    const age =
      Date.now() - ((await stat(`${directory}/${name}`).catch(ignoreMissing))?.mtimeMs ?? Date.now());
    const owner = parseIdentity((await readFile(`${directory}/${name}/owner`, 'utf8').catch(() => '')) || '');
    const alive = owner && isAlive(owner);
    if (alive === undefined ? age > (owner ? patience : makingTime) : !alive) dead.push(name);
  }
  return dead;
}

/** The numbers below `l` that a chain's record names. */
async function keptLayers(chains: string, signal: AbortSignal): Promise<Set<string>> {
  const kept = new Set<string>();
  for (const name of await namesIn(chains)) {
    signal.throwIfAborted();
    const text = await readFile(`${chains}/${name}`, 'utf8').catch(ignoreMissing);
    const record = text === undefined ? undefined : parseRecord(text);
    if (record) kept.add(String(record.dir));
  }
  return kept;
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) === 'ENOENT') return undefined;
  throw error;
}
