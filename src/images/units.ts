// What can be deleted, each as one: an image that has no name, a layer with its records, a snapshot, a cache mount. Every blob
// belongs to one unit, so that sizes add up.
import type { UsageItem, UsageType } from '../image-request.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import type { StoredImage } from './catalog.ts';
import type { DiskFile } from './disk-files.ts';
import { labelsOf } from './image-facts.ts';
import type { Inventory, RecordFile } from './inventory.ts';

export interface Unit extends Omit<UsageItem, 'inUse' | 'reclaimable'> {
  /** Files and folders that go with it, what points at others first. */
  files: DiskFile[];
  /** Of an image. */
  image?: StoredImage;
  labels?: Record<string, string>;
  /** Somebody is at work on it, whatever its times say. */
  busy?: boolean;
  /** Whether `size` is known: folders are measured later. */
  measured: boolean;
}

export interface UnitDraft {
  id: string;
  type: UsageType;
  description: string;
  shared?: boolean;
  busy?: boolean;
}

export function makeUnit(draft: UnitDraft, files: DiskFile[]): Unit {
  return {
    shared: false,
    ...draft,
    files,
    size: files.reduce((sum, { size }) => sum + size, 0),
    lastUsed: Math.max(0, ...files.map(({ mtime }) => mtime)),
    measured: files.every(({ isFolder }) => !isFolder),
  };
}

/** Layers' digests and those of their listed blobs, by image. */
export function layersOfImage({ manifests }: StoredImage): { diffID: DiffID; blob: Digest }[] {
  return manifests.flatMap(({ manifest, config }) =>
    config.rootfs.diff_ids.map((diffID, index) => ({ diffID, blob: manifest.layers[index]!.digest })),
  );
}

/** What an image can't do without: its documents and the blobs that its manifests list. */
export function blobsOfImage(image: StoredImage): Digest[] {
  return [
    ...image.documents,
    ...image.others.map(({ digest }) => digest),
    ...layersOfImage(image).map(({ blob }) => blob),
  ];
}

/** Units of all that has to do with blobs. Named images come first: what they need is theirs. */
export function blobUnits(inventory: Inventory, images: readonly StoredImage[]): Unit[] {
  const claim = createClaims(inventory);
  const named = images.filter(({ names }) => names.length > 0);
  const dangling = images.filter(({ names }) => names.length === 0);
  const kept = new Set(named.flatMap((image) => layersOfImage(image).map(({ diffID }) => diffID)));
  const notes = new Map(inventory.layers.map((layer) => [layer.diffID, layer]));
  const notesOf = (image: StoredImage): DiskFile[] =>
    claim.files(layersOfImage(image).flatMap(({ diffID }) => notes.get(diffID) ?? []));
  const imageUnits = [...named, ...dangling].map((image) => {
    const files = [...claim.blobs(blobsOfImage(image)), ...(image.names.length > 0 ? notesOf(image) : [])];
    const shared = image.names.length > 0;
    const unit = makeUnit(
      { id: image.id, type: 'image', description: image.names.join(', '), shared },
      files,
    );
    return { ...unit, image, labels: labelsOf(image) };
  });
  const bases = inventory.bases.map((base) =>
    makeUnit({ id: base.image.id, type: 'base', description: base.reference }, [
      base,
      ...claim.blobs(base.image.documents),
    ]),
  );
  const http = inventory.http.map((file) =>
    makeUnit({ id: file.digest, type: 'http', description: 'file from a URL' }, [
      file,
      ...claim.blobs([file.digest]),
    ]),
  );
  const layers = layerUnits(inventory, {
    claim,
    kept,
    images: [...dangling, ...inventory.bases.map((base) => base.image)],
  });
  const rest = claim
    .rest()
    .map(([digest, file]) => makeUnit({ id: digest, type: 'unreferenced', description: '' }, [file]));
  const broken = inventory.broken.map((file) =>
    makeUnit({ id: file.name, type: 'unreferenced', description: 'damaged or foreign' }, [file]),
  );
  return [...imageUnits, ...bases, ...http, ...layers, ...rest, ...broken];
}

interface Claims {
  /** Those that are there and nobody's yet. */
  blobs(digests: readonly (Digest | DiffID)[]): DiskFile[];
  files(files: readonly DiskFile[]): DiskFile[];
  rest(): [Digest, DiskFile][];
}

function createClaims({ blobs }: Inventory): Claims {
  const taken = new Set<string>();
  const files = (all: readonly DiskFile[]): DiskFile[] =>
    all.filter(({ path }) => !taken.has(path) && taken.add(path));
  return {
    files,
    blobs: (digests) => files(digests.flatMap((digest) => blobs.get(digest as Digest) ?? [])),
    rest: () => [...blobs].filter(([, { path }]) => !taken.has(path)),
  };
}

/** A layer: its tar, its compressed forms, and the records that lead to it. */
function layerUnits(
  { blobs, layers, records }: Inventory,
  { claim, kept, images }: { claim: Claims; kept: Set<DiffID>; images: readonly StoredImage[] },
): Unit[] {
  const forms = new Map<DiffID, Set<Digest>>();
  const add = (diffID: DiffID, ...digests: Digest[]): void => {
    const known = forms.get(diffID) ?? new Set([diffID as string as Digest]);
    for (const digest of digests) known.add(digest);
    forms.set(diffID, known);
  };
  for (const layer of layers) add(layer.diffID, ...layer.blobs.map(({ digest }) => digest));
  for (const image of images) for (const { diffID, blob } of layersOfImage(image)) add(diffID, blob);
  for (const { diffID } of records) add(diffID);
  const recordsOf = groupRecords(records);
  const notes = new Map(layers.map((layer) => [layer.diffID, layer]));
  return [...forms].flatMap(([diffID, digests]) => {
    const own = recordsOf.get(diffID) ?? [];
    const note = notes.get(diffID);
    const isThere = [...digests].some((digest) => blobs.has(digest));
    const files = [...own, ...claim.files(note ? [note] : []), ...claim.blobs([...digests])];
    if (files.length === 0) return [];
    const description = own.find((record) => record.description !== '')?.description ?? '';
    return makeUnit(
      { id: diffID, type: isThere ? 'layer' : 'record', description, shared: isThere && kept.has(diffID) },
      files,
    );
  });
}

function groupRecords(records: readonly RecordFile[]): Map<DiffID, RecordFile[]> {
  const groups = new Map<DiffID, RecordFile[]>();
  for (const record of records) {
    const group = groups.get(record.diffID);
    if (group) group.push(record);
    else groups.set(record.diffID, [record]);
  }
  return groups;
}
