// An image in a registry as its documents: read and verified; its configs and layers are only named.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isIndex, type Manifest, parseManifest } from '../oci/manifest.ts';
import { formatPlatform, matchPlatform, type Platform } from '../oci/platform.ts';
import { formatReference, type Reference } from '../oci/reference.ts';
import type { RepositoryReader } from '../registry/mirrored-reader.ts';

export interface RemoteDocument {
  descriptor: Descriptor;
  bytes: Buffer;
}

export interface RemoteManifest extends RemoteDocument {
  manifest: Manifest;
}

export interface RemoteImage {
  /** In full, as it was asked for. */
  name: string;
  /** What the reference stands for. */
  resolved: Digest;
  /** What is wanted of it: that itself, or the manifest for one platform. */
  top: RemoteDocument;
  manifests: RemoteManifest[];
  /** Indexes, inner ones first. */
  indexes: RemoteDocument[];
}

/** Indexes in indexes are followed this far, and no more documents than this are read. */
const deepest = 4;
const mostDocuments = 500;

interface Reading {
  remote: RepositoryReader;
  name: string;
  signal: AbortSignal;
  manifests: Map<Digest, RemoteManifest>;
  indexes: Map<Digest, RemoteDocument>;
  /** How many documents were asked for. */
  asked: number;
}

async function readDocument(
  { remote, name, signal }: Reading,
  reference: string,
  entry: Descriptor | undefined,
): Promise<RemoteDocument> {
  const found = await remote.readManifest(reference, signal);
  if (!found) {
    const what = entry ? `${name}: the manifest ${reference} that it lists` : name;
    throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${what} is not in the registry`, {
      hint: 'check the name and the tag, and that the account may read it',
    });
  }
  const { bytes, mediaType, digest } = found;
  if (entry && entry.size !== bytes.length) {
    throw new SlipwayError(
      'ERR_BAD_IMAGE',
      `${name}: ${digest} has ${bytes.length} bytes, and its index says ${entry.size}`,
    );
  }
  const type = mediaTypeOf(bytes, { mediaType, name });
  const descriptor: Descriptor = { ...entry, mediaType: type, digest, size: bytes.length };
  return { descriptor, bytes };
}

/** The type that a manifest says it has. @throws ERR_BAD_IMAGE, with the image's name */
function mediaTypeOf(bytes: Buffer, { mediaType, name }: { mediaType: string; name: string }): string {
  try {
    return parseManifest(bytes, mediaType).mediaType;
  } catch (cause) {
    if (!(cause instanceof SlipwayError)) throw cause;
    throw new SlipwayError(cause.code, `${name}: ${cause.message}`, { hint: cause.hint, cause });
  }
}

/** Reads what a document leads to. */
async function descend(reading: Reading, document: RemoteDocument, depth: number): Promise<void> {
  const { digest, mediaType } = document.descriptor;
  const { manifests, indexes, name } = reading;
  if (manifests.has(digest) || indexes.has(digest)) return;
  const parsed = parseManifest(document.bytes, mediaType);
  if (!isIndex(parsed)) {
    manifests.set(digest, { ...document, manifest: parsed });
    return;
  }
  const entries = parsed.manifests.filter((one) => !manifests.has(one.digest) && !indexes.has(one.digest));
  reading.asked += entries.length;
  if (depth >= deepest || reading.asked > mostDocuments) {
    throw new SlipwayError('ERR_BAD_IMAGE', `${name} lists too much: indexes in indexes, or many manifests`, {
      hint: 'name one image of it by its digest',
    });
  }
  const children = await Promise.all(entries.map((entry) => readDocument(reading, entry.digest, entry)));
  for (const child of children) await descend(reading, child, depth + 1);
  indexes.set(digest, document);
}

/**
 * @param options.platform undefined: all that there is.
 * @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_IMAGE, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH
 */
export async function readRemoteImage(
  remote: RepositoryReader,
  reference: Reference,
  options: { platform: Platform | undefined; signal: AbortSignal },
): Promise<RemoteImage> {
  const { platform, signal } = options;
  const name = formatReference(reference);
  const reading: Reading = { remote, name, signal, manifests: new Map(), indexes: new Map(), asked: 0 };
  const first = await readDocument(reading, reference.digest ?? reference.tag!, undefined);
  let top = first;
  for (let depth = 0; platform; depth++) {
    const parsed = parseManifest(top.bytes, top.descriptor.mediaType);
    if (!isIndex(parsed)) break;
    const real = parsed.manifests.filter((entry) => entry.platform && entry.platform.os !== 'unknown');
    const entry = matchPlatform(real, platform);
    if (!entry || depth >= deepest) {
      const there = [...new Set(real.map((one) => formatPlatform(one.platform!)))].join(', ');
      throw new SlipwayError('ERR_IMAGE_NOT_FOUND', `${name} has no image for ${formatPlatform(platform)}`, {
        hint: there === '' ? 'it names no platforms: name an image of it by its digest' : `it has: ${there}`,
      });
    }
    top = await readDocument(reading, entry.digest, entry);
  }
  await descend(reading, top, 0);
  return {
    ...{ name, resolved: first.descriptor.digest, top },
    manifests: [...reading.manifests.values()],
    indexes: [...reading.indexes.values()],
  };
}

/** Configs and layers of all manifests, each once. */
export function blobsOfRemote({ manifests }: RemoteImage): Descriptor[] {
  const all = manifests.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]);
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()];
}
