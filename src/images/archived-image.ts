// An image as an archive holds it: in the incoming store, and checked.
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { ContentStore } from '../seams.ts';

export interface ArchivedImage {
  descriptor: Descriptor;
  /** In full; undefined where the archive gives it none. */
  name: string | undefined;
  /** Of images, each with its config. */
  manifests: { manifest: Manifest; diffIDs: Digest[] }[];
  /** Every blob that it consists of. */
  blobs: Digest[];
}

export interface ReadArchiveOptions {
  store: ContentStore;
  /** Of images that have several. */
  platform: Platform | undefined;
}

/** No archive with more is read. */
export const mostImages = 1_000;

/**
 * In full; undefined where there is none. A digest is no part of a name that an archive may choose: what it says of another
 * image is left out.
 * @throws ERR_BAD_REFERENCE
 */
export function archivedNames(texts: readonly string[], image: Digest): (string | undefined)[] {
  const names = texts.flatMap((text) => {
    const { digest, ...named } = parseReference(text);
    if (named.tag !== undefined) return [formatReference(named)];
    return digest === image ? [formatReference({ ...named, digest })] : [];
  });
  return names.length > 0 ? [...new Set(names)] : [undefined];
}

/** Those that differ. */
export function unique(images: readonly ArchivedImage[]): ArchivedImage[] {
  const known = new Map(images.map((image) => [`${image.descriptor.digest} ${image.name ?? ''}`, image]));
  return [...known.values()];
}
