// An image on its way out: its documents, and its layers as stored blobs.
import type { Descriptor } from '../oci/descriptor.ts';

export interface ExportedManifest {
  /** With the platform and what annotates it, as an index lists it. */
  descriptor: Descriptor;
  config: Descriptor;
  layers: Descriptor[];
}

/** All documents are in the content store, and so are the layers unless they stay where the base image is. */
export interface ExportedImage {
  /** Of the manifest, or of the index over several; with what annotates it. */
  descriptor: Descriptor;
  manifests: ExportedManifest[];
  /** Manifests that speak of these. */
  attestations?: ExportedManifest[];
  /** Indexes that the index lists, inner ones first. */
  indexes?: Descriptor[];
}

/** An image whose layers are still being compressed. */
export interface PendingImage {
  /** The layers of all manifests, in order; one may come twice. */
  layers: Promise<Descriptor>[];
  image: Promise<ExportedImage>;
  /** Resolves when it turns out that a layer has to be made first; not at all where all are known. */
  making?: Promise<void>;
}

/** Every blob of an image once, each as soon as it is stored, documents last. */
export async function* blobsOf(pending: PendingImage): AsyncGenerator<Descriptor, void> {
  const seen = new Set<string>();
  const isNew = ({ digest }: Descriptor): boolean => !seen.has(digest) && seen.add(digest) !== undefined;
  for (const layer of pending.layers) {
    const blob = await layer;
    if (isNew(blob)) yield blob;
  }
  const image = await pending.image;
  for (const { descriptor, config } of image.manifests) yield* [config, descriptor].filter(isNew);
  for (const { descriptor, config, layers } of image.attestations ?? [])
    yield* [...layers, config, descriptor].filter(isNew);
  if (isNew(image.descriptor)) yield image.descriptor;
}
