// The index of a cache in GitHub Actions: a line of JSON that says in which pack each blob lies, and after it, whole, the documents
// that every reader reads: the cache's manifest and its config. One download is all that a build needs in which everything hits.
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, isDigest } from '../oci/digest.ts';

/** Where a blob lies. */
export interface BlobPlace {
  pack: string;
  offset: number;
  size: number;
}

export interface GhaIndex {
  document: { bytes: Buffer; mediaType: string; digest: Digest };
  /** Small documents, whole. */
  inline: Map<Digest, Buffer>;
  places: Map<Digest, BlobPlace>;
}

/** Keys of entries have no more. */
const longestKey = 512;

export function encodeGhaIndex({ document, inline, places }: GhaIndex): Buffer {
  const packs = new Map<string, [Digest, number, number][]>();
  for (const [digest, { pack, offset, size }] of places)
    packs.set(pack, [...(packs.get(pack) ?? []), [digest, offset, size]]);
  const head = {
    version: 1,
    document: { mediaType: document.mediaType, digest: document.digest, size: document.bytes.length },
    inline: [...inline].map(([digest, bytes]) => [digest, bytes.length]),
    packs: [...packs].map(([key, blobs]) => ({ key, blobs })),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), document.bytes, ...inline.values()]);
}

/** Undefined for what is no index, or has been damaged. What it names may be anything, and anywhere. */
export function decodeGhaIndex(bytes: Buffer): GhaIndex | undefined {
  const end = bytes.indexOf(0x0a);
  const head = end < 0 ? undefined : parse(bytes.subarray(0, end));
  if (head?.['version'] !== 1) return undefined;
  const { document, inline, packs } = head;
  let at = end + 1;
  const take = (digest: Digest, size: number): Buffer | undefined => {
    const part = bytes.subarray(at, at + size);
    at += size;
    return part.length === size && digestOf(part) === digest ? part : undefined;
  };
  if (!isDescriptor(document) || !Array.isArray(inline) || !Array.isArray(packs)) return undefined;
  const main = take(document.digest, document.size);
  if (!main) return undefined;
  const documents = new Map<Digest, Buffer>();
  for (const one of inline as unknown[]) {
    const [digest, size] = Array.isArray(one) ? (one as unknown[]) : [];
    const part = isDigestText(digest) && isCount(size) ? take(digest, size) : undefined;
    if (!part) return undefined;
    documents.set(digest as Digest, part);
  }
  const places = readPlaces(packs);
  if (!places || at !== bytes.length) return undefined;
  const { mediaType, digest } = document;
  return { document: { bytes: main, mediaType, digest }, inline: documents, places };
}

function readPlaces(packs: readonly unknown[]): Map<Digest, BlobPlace> | undefined {
  const places = new Map<Digest, BlobPlace>();
  for (const one of packs) {
    const { key, blobs } = (one ?? {}) as { key?: unknown; blobs?: unknown };
    if (typeof key !== 'string' || key.length > longestKey || !Array.isArray(blobs)) return undefined;
    for (const blob of blobs as unknown[]) {
      const [digest, offset, size] = Array.isArray(blob) ? (blob as unknown[]) : [];
      if (!isDigestText(digest) || !isCount(offset) || !isCount(size)) return undefined;
      places.set(digest, { pack: key, offset, size });
    }
  }
  return places;
}

function parse(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isDigestText = (value: unknown): value is Digest => typeof value === 'string' && isDigest(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isDescriptor(value: unknown): value is Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Record<string, unknown>;
  return typeof mediaType === 'string' && mediaType.length <= 255 && isDigestText(digest) && isCount(size);
}
