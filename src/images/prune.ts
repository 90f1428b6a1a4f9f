// `prune`: deletes what no image needs, and what it is told of the rest, beside builds that run. Looks first, for as long as it
// takes; then, while nobody starts to rely on anything, looks again at what is to go and moves it away; deletes it after that.
import { existsSync, renameSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { openState, type State } from '../build/state.ts';
import { sweepState } from '../build/sweep-state.ts';
import type { EngineOptions } from '../engine.ts';
import { systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { othersAtWork, sweepAlone, usedSince } from '../fs/lease.ts';
import { removeTree } from '../fs/temp-dir.ts';
import type { PruneRequest, PruneResult, UsageItem } from '../image-request.ts';
import type { Digest } from '../oci/digest.ts';
import { hexOf } from '../oci/digest.ts';
import { shrinkPartialKeys } from '../store/partial-keys.ts';
import { createStoreRoot } from '../store/store-root.ts';
import { readCatalog } from './catalog.ts';
import { filesNow, folderUnits, measured, usedNow } from './folder-units.ts';
import { takeInventory } from './inventory.ts';
import { type OpenStore, openStore } from './open-store.ts';
import { chooseUnits, isInUse } from './prune-policy.ts';
import { blobsOfImage, blobUnits, type Unit } from './units.ts';

/** What others may see of a unit. */
export function itemOf(unit: Unit, cutoff: number): UsageItem {
  const { id, type, description, size, lastUsed, shared } = unit;
  const inUse = isInUse(unit, cutoff);
  const reclaimable = !inUse && !shared && type !== 'other';
  return { id, type, description, size, lastUsed, shared, inUse, reclaimable };
}

/** Everything that is there, measured. */
export async function allUnits(store: OpenStore, signal: AbortSignal): Promise<Unit[]> {
  const inventory = await takeInventory(store);
  const images = await readCatalog(store);
  const units: Unit[] = [];
  for (const unit of [...blobUnits(inventory, images), ...folderUnits(store.root, images, Date.now())])
    units.push(await measured(unit, signal));
  return units;
}

/** @throws ERR_STORE */
export async function prune(
  engine: EngineOptions,
  request: PruneRequest,
  signal: AbortSignal,
): Promise<PruneResult> {
  const store = openStore(engine);
  const { root } = store;
  const units = await allUnits(store, signal);
  const cutoff = usedSince(root);
  const free = await freeBytes(root);
  const chosen = chooseUnits(units, request, { usedSince: cutoff, free });
  const gone = request.dryRun ? chosen : await removeUnits(engine, chosen, signal);
  if (!request.dryRun) await shrinkKeys(root, signal);
  const items = gone.map((unit) => itemOf(unit, cutoff));
  return { items, reclaimed: items.reduce((sum, { size }) => sum + size, 0) };
}

/** Beside builds it waits for the next prune: who is at work adds to the file. */
async function shrinkKeys(root: string, signal: AbortSignal): Promise<void> {
  const layout = createStoreRoot(root);
  if (!existsSync(layout.partialKeys)) return;
  await sweepAlone(root, signal, async () => {
    if (!othersAtWork(root)) await shrinkPartialKeys(layout);
  });
}

async function freeBytes(root: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(root);
    return bavail * bsize;
  } catch (error) {
    // Without a state folder there is nothing to delete either.
    if (systemCode(error) === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw diskError(error, 'looking at the disk');
  }
}

/** Returns those that were still not in use. */
export async function removeUnits(
  engine: EngineOptions,
  chosen: readonly Unit[],
  signal: AbortSignal,
): Promise<Unit[]> {
  if (chosen.length === 0) return [];
  const store = openStore(engine);
  await using state = openState(engine);
  // A killed prune leaves it to the next one: it has an owner who is dead then.
  await using trash = await state.tempDir('pruned');
  const gone = await sweepAlone(store.root, signal, async (cutoff) => {
    const needed = await neededBlobs(store, chosen);
    const removed: Unit[] = [];
    for (const unit of chosen.filter(({ type }) => type !== 'temporary'))
      if (await remove(unit, { store, cutoff, needed, trash: trash.path })) removed.push(unit);
    return removed;
  });
  const temporary = chosen.filter(({ type }) => type === 'temporary');
  if (temporary.length > 0) await sweepTemporary(state, temporary, signal);
  return [...gone, ...temporary];
}

/** Names of blobs' files that images need which are not to go: one may have got a name meanwhile. */
async function neededBlobs(store: OpenStore, chosen: readonly Unit[]): Promise<Set<string>> {
  const going = new Set(chosen.flatMap(({ image }) => image?.descriptor.digest ?? []));
  const images = await readCatalog(store);
  const stays = images.filter(({ names, descriptor }) => names.length > 0 || !going.has(descriptor.digest));
  return new Set(stays.flatMap((image) => blobsOfImage(image).map((digest: Digest) => hexOf(digest))));
}

interface Removal {
  store: OpenStore;
  cutoff: number;
  needed: Set<string>;
  trash: string;
}

/** False where it is in use by now, or gone. */
async function remove(unit: Unit, { store, cutoff, needed, trash }: Removal): Promise<boolean> {
  const used = usedNow(unit);
  if (used === undefined || used > unit.lastUsed || used >= cutoff) return false;
  if (unit.files.some(({ name, isFolder }) => !isFolder && needed.has(name))) return false;
  if (unit.image) await store.images.forget(unit.image.descriptor.digest);
  for (const [index, { path }] of filesNow(unit).entries()) {
    try {
      renameSync(path, join(trash, `${hexName(unit.id)}-${index}`));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue;
      // Another file system is mounted there.
      if (systemCode(error) !== 'EXDEV') throw diskError(error, `deleting ${path}`);
      await removeTree(path);
    }
  }
  return true;
}

let removals = 0;
const hexName = (id: string): string => `${removals++}-${id.replace(/[^0-9a-z]/gi, '').slice(-24)}`;

async function sweepTemporary(state: State, units: readonly Unit[], signal: AbortSignal): Promise<void> {
  await sweepState(state, signal);
  // Other snapshotters than overlay have their trash, too.
  for (const unit of units)
    for (const { path } of unit.files) if (/[/\\]trash[/\\]/.test(path)) await removeTree(path);
}
