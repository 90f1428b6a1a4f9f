// `rmi`: takes names away; what has none left is deleted with all that neither another image nor the cache needs.
import type { EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { RemovedImage, RemoveRequest, RemoveResult } from '../image-request.ts';
import { chainIDs } from '../oci/chain-id.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import { readCatalog, type StoredImage } from './catalog.ts';
import { type FoundImage, findImage, findOrNothing, repositoryOf } from './find-image.ts';
import { folderUnits } from './folder-units.ts';
import { takeInventory } from './inventory.ts';
import { openStore } from './open-store.ts';
import { removeUnits } from './prune.ts';
import { blobUnits, layersOfImage, type Unit } from './units.ts';

/** One after the other: what fails for one does not keep the others. */
export async function removeImages(
  engine: EngineOptions,
  request: RemoveRequest,
  signal: AbortSignal,
): Promise<RemoveResult> {
  const result: RemoveResult = { removed: [], failures: [] };
  for (const image of request.images) {
    try {
      const removed = await removeOne(engine, { ...request, text: image }, signal);
      if (removed) result.removed.push(removed);
    } catch (error) {
      signal.throwIfAborted();
      result.failures.push({ image, error });
    }
  }
  return result;
}

async function removeOne(
  engine: EngineOptions,
  { text, force, keepBlobs }: RemoveRequest & { text: string },
  signal: AbortSignal,
): Promise<RemovedImage | undefined> {
  const { images } = openStore(engine);
  const all = await readCatalog(openStore(engine));
  if (force && !findOrNothing(all, text)) return undefined;
  const found = findImage(all, text);
  const going = namesToRemove(found, all, { text, force });
  for (const name of going.names) await images.remove(name);
  const gone = going.images.filter((image) => image.names.every((name) => going.names.includes(name)));
  for (const { descriptor } of gone) await images.forget(descriptor.digest);
  const blobs = keepBlobs ? [] : await removeBlobs(engine, gone, signal);
  return {
    untagged: going.names,
    deleted: gone.length > 0 ? [...new Set([...gone.map(({ id }) => id), ...blobs])] : [],
  };
}

/**
 * By an ID, an image goes with its names, and with others of the same ID, which differ in how they are compressed. Names that
 * are digests count as one with a tag of their repository.
 */
function namesToRemove(
  { image, name }: FoundImage,
  all: readonly StoredImage[],
  { text, force }: { text: string; force: boolean },
): { images: StoredImage[]; names: string[] } {
  if (name !== undefined) return { images: [image], names: [name, ...lastDigests(name, image)] };
  const images = all.filter(({ id }) => id === image.id);
  const names = images.flatMap((one) => one.names);
  const [first] = names.filter(hasTag);
  const isOne = names.every(
    (one) => one === first || (!hasTag(one) && repositoryOf(one) === repositoryOf(names[0]!)),
  );
  if (!isOne && !force) {
    const list = names.map((one) => familiarReference(parseReference(one))).join(', ');
    throw new SlipwayError('ERR_USAGE', `${text} has several names: ${list}`, {
      hint: 'give --force to remove them all, or remove one by its name',
    });
  }
  return { images, names };
}

const hasTag = (name: string): boolean => parseReference(name).tag !== undefined;

/** As docker: with the last tag in a repository go the names that are digests there. */
function lastDigests(name: string, { names }: StoredImage): string[] {
  const others = names.filter((one) => one !== name && repositoryOf(one) === repositoryOf(name));
  return hasTag(name) && !others.some(hasTag) ? others : [];
}

/** Returns the digests of what was deleted besides documents. */
async function removeBlobs(
  engine: EngineOptions,
  gone: readonly StoredImage[],
  signal: AbortSignal,
): Promise<Digest[]> {
  if (gone.length === 0) return [];
  const store = openStore(engine);
  const inventory = await takeInventory(store);
  const others = await readCatalog(store);
  const images = [...others, ...gone.map((image) => ({ ...image, names: [] }))];
  const cached = new Set(inventory.records.map(({ diffID }) => diffID));
  const layers = gone.flatMap(layersOfImage);
  // Shared with the cache: whoever builds again finds it there.
  const stays = new Set([
    ...layers.filter(({ diffID }) => cached.has(diffID)).map(({ blob }) => hexOf(blob)),
    ...inventory.bases.flatMap((base) => base.image.documents.map(hexOf)),
  ]);
  const own = new Set<string>(layers.filter(({ diffID }) => !cached.has(diffID)).map(({ diffID }) => diffID));
  const chains = new Set<string>(
    gone.flatMap(({ manifests }) =>
      manifests.flatMap(({ config }) => {
        const ids = config.rootfs.diff_ids;
        return chainIDs(ids).filter((_chain, index) => !cached.has(ids[index]!));
      }),
    ),
  );
  const goneDigests = new Set<Digest>(gone.map(({ descriptor }) => descriptor.digest));
  const isGone = (unit: Unit): boolean => {
    if (unit.shared) return false;
    if (unit.image) return goneDigests.has(unit.image.descriptor.digest);
    if (unit.type === 'layer') return own.has(unit.id);
    return unit.type === 'snapshot' && chains.has(unit.id);
  };
  const units = [...blobUnits(inventory, images), ...folderUnits(store.root, images, Date.now())]
    .filter(isGone)
    .map((unit) => ({ ...unit, files: unit.files.filter(({ name }) => !stays.has(name)) }));
  const documents = new Set(gone.flatMap((image) => image.documents.map(hexOf)));
  const removed = await removeUnits(engine, units, signal);
  return removed
    .flatMap(({ files }) => files)
    .filter(({ name }) => /^[0-9a-f]{64}$/.test(name) && !documents.has(name))
    .map(({ name }) => `sha256:${name}` as Digest);
}
