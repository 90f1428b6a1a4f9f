// `du`: what takes how much of the disk, and what of it can go.
import type { EngineOptions } from '../engine.ts';
import { usedSince } from '../fs/lease.ts';
import type { DiskUsage } from '../image-request.ts';
import { hexOf } from '../oci/digest.ts';
import { treeSize } from './disk-files.ts';
import { openStore } from './open-store.ts';
import { allUnits, itemOf } from './prune.ts';
import { layersOfImage, makeUnit, type Unit } from './units.ts';

/** @throws ERR_STORE */
export async function diskUsage(engine: EngineOptions, signal: AbortSignal): Promise<DiskUsage> {
  const store = openStore(engine);
  const units = await allUnits(store, signal);
  const total = await treeSize(store.root, signal);
  const known = units.reduce((sum, { size }) => sum + size, 0);
  // Folders themselves, names, locks, what was found out about the machine.
  const rest = makeUnit({ id: 'other', type: 'other', description: 'names, locks, folders' }, []);
  const items = [...units, { ...rest, size: Math.max(0, total - known) }].map((unit) =>
    itemOf(unit, usedSince(store.root)),
  );
  return {
    items,
    total,
    reclaimable: items.reduce((sum, { size, reclaimable }) => sum + (reclaimable ? size : 0), 0),
    ...layerBytes(units),
  };
}

/** Of layers as tars, and of their compressed forms, whoever they belong to. */
function layerBytes(units: readonly Unit[]): Pick<DiskUsage, 'plainLayers' | 'compressedLayers'> {
  const images = units.flatMap(({ image }) => image ?? []);
  const listed = new Set(images.flatMap((image) => layersOfImage(image).map(({ blob }) => hexOf(blob))));
  const plain = new Set([
    ...images.flatMap((image) => layersOfImage(image).map(({ diffID }) => hexOf(diffID))),
    ...units.flatMap(({ type, id }) => (type === 'layer' ? id.replace('sha256:', '') : [])),
  ]);
  const result = { plainLayers: 0, compressedLayers: 0 };
  for (const { type, files } of units) {
    if (type !== 'layer' && type !== 'image') continue;
    for (const { name, size } of files) {
      if (plain.has(name)) result.plainLayers += size;
      else if (listed.has(name) || (type === 'layer' && /^[0-9a-f]{64}$/.test(name)))
        result.compressedLayers += size;
    }
  }
  return result;
}
