// The images of the local store: names, documents, platforms. Layers are not looked at.
import { SlipwayError } from '../errors.ts';
import { type ImageConfig, parseConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isIndex, type Manifest, manifestLimit, parseManifest } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import type { ContentStore } from '../seams.ts';
import type { OpenStore } from './open-store.ts';

/** A manifest of an image for one platform. */
export interface StoredManifest {
  descriptor: Descriptor;
  manifest: Manifest;
  config: ImageConfig;
  platform: Platform;
}

export interface StoredImage {
  /** The config's digest, or the index's. */
  id: Digest;
  /** As it is named; of the manifest or index. */
  descriptor: Descriptor;
  /** In full, sorted; empty: dangling. */
  names: string[];
  /** When it got its newest name, or was kept; ISO 8601. */
  kept: string;
  isIndex: boolean;
  /** In the order of the index; those that are not stored are left out. */
  manifests: StoredManifest[];
  /** Documents and layers of manifests that are no images (attestations). */
  others: Descriptor[];
  /** Index, manifests and configs. */
  documents: Digest[];
}

const deepest = 4;

/** Every image once, by the descriptor's digest; named ones first, in the order of their first names. */
export async function readCatalog({
  store,
  images,
}: Pick<OpenStore, 'store' | 'images'>): Promise<StoredImage[]> {
  const found = new Map<Digest, StoredImage>();
  for (const { name, descriptor, created } of [...images.list(), ...images.untagged()]) {
    const known = found.get(descriptor.digest);
    if (known) {
      if (name !== '') known.names.push(name);
      if (created > known.kept) known.kept = created;
      continue;
    }
    const image = await readStoredImage(store, descriptor);
    found.set(descriptor.digest, { ...image, names: name === '' ? [] : [name], kept: created });
  }
  return [...found.values()];
}

/** What is stored of an image; documents that are missing or damaged are left out. */
export async function readStoredImage(store: ContentStore, descriptor: Descriptor): Promise<StoredImage> {
  const image: StoredImage = {
    ...{ id: descriptor.digest, descriptor, names: [], kept: '', isIndex: false },
    ...{ manifests: [], others: [], documents: [] },
  };
  await readDocument({ store, image }, descriptor, 0);
  const [only] = image.manifests;
  if (!image.isIndex && only) image.id = only.manifest.config.digest;
  return image;
}

interface Reading {
  store: ContentStore;
  image: StoredImage;
}

async function readDocument(reading: Reading, descriptor: Descriptor, depth: number): Promise<void> {
  const { store, image } = reading;
  if (depth > deepest || image.documents.includes(descriptor.digest)) return;
  const bytes = await readWhole(store, descriptor.digest);
  if (!bytes) return;
  image.documents.push(descriptor.digest);
  const document = parseOrNothing(() => parseManifest(bytes, descriptor.mediaType));
  if (!document) return;
  if (isIndex(document)) {
    if (depth === 0) image.isIndex = true;
    for (const entry of document.manifests) await readDocument(reading, entry, depth + 1);
    return;
  }
  await readManifest(reading, descriptor, document);
}

async function readManifest(
  { store, image }: Reading,
  descriptor: Descriptor,
  manifest: Manifest,
): Promise<void> {
  const bytes = await readWhole(store, manifest.config.digest);
  if (bytes) image.documents.push(manifest.config.digest);
  const config = bytes && parseOrNothing(() => parseConfig(bytes));
  if (!config || isAttestation(descriptor) || config.rootfs.diff_ids.length !== manifest.layers.length) {
    image.others.push(...manifest.layers);
    return;
  }
  const { os, architecture, variant } = config;
  const platform = descriptor.platform ?? { os, architecture, ...(variant ? { variant } : {}) };
  image.manifests.push({ descriptor, manifest, config, platform });
}

function isAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] !== undefined || platform?.os === 'unknown';
}

async function readWhole(store: ContentStore, digest: Digest): Promise<Buffer | undefined> {
  const info = await store.info(digest);
  if (!info || info.size > manifestLimit) return undefined;
  try {
    return await store.read(digest);
  } catch (error) {
    const absent = ['ERR_BLOB_NOT_FOUND', 'ERR_DIGEST_MISMATCH'];
    if (error instanceof SlipwayError && absent.includes(error.code)) return undefined;
    throw error;
  }
}

function parseOrNothing<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}
