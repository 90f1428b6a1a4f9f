// An image that is ready to leave: its documents, and its layers as stored blobs.
import type { Descriptor } from '../oci/descriptor.ts';

export interface ExportedManifest {
  /** With the platform, for an index. */
  descriptor: Descriptor;
  config: Descriptor;
  layers: Descriptor[];
}

/** All blobs are in the content store. */
export interface ExportedImage {
  /** Of the manifest, or of the index over several. */
  descriptor: Descriptor;
  manifests: ExportedManifest[];
}

/** Every blob of an image once, documents last. */
export function blobsOf(image: ExportedImage): Descriptor[] {
  const blobs = new Map<string, Descriptor>();
  for (const { descriptor, config, layers } of image.manifests) {
    for (const blob of [...layers, config, descriptor]) blobs.set(blob.digest, blob);
  }
  blobs.set(image.descriptor.digest, image.descriptor);
  return [...blobs.values()];
}
