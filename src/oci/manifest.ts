// Image manifests and indexes (manifest.md, image-index.md): untrusted JSON in, canonical bytes out.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import { isDigest } from './digest.ts';
import { isIndexType, isManifestType } from './media-type.ts';

export interface Manifest {
  schemaVersion: 2;
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
  annotations?: Record<string, string>;
}

export interface Index {
  schemaVersion: 2;
  mediaType: string;
  manifests: Descriptor[];
  annotations?: Record<string, string>;
}

/** No manifest or index that is larger is read (4 MiB, as registries allow). */
export const manifestLimit = 4 << 20;

function bad(what: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_BAD_IMAGE', what, { cause });
}

function isDescriptor(value: unknown): value is Descriptor {
  const d = value as Partial<Descriptor> | null;
  return (
    typeof d === 'object' &&
    d !== null &&
    typeof d.digest === 'string' &&
    isDigest(d.digest) &&
    Number.isSafeInteger(d.size) &&
    d.size! >= 0 &&
    (d.mediaType === undefined || typeof d.mediaType === 'string') &&
    isTexts(d.annotations) &&
    isPlatform(d.platform)
  );
}

function isTexts(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.values(value).every((text) => typeof text === 'string');
}

function isPlatform(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const { os, architecture, variant } = value as Record<string, unknown>;
  return [os, architecture, variant ?? ''].every((text) => typeof text === 'string');
}

/** Without members that are null, which say nothing. */
function members<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as T;
}

/**
 * Parses a manifest or an index; `type` is what its descriptor or the registry called it.
 * @throws ERR_BAD_IMAGE where the bytes are neither, or too many.
 */
export function parseManifest(bytes: Uint8Array, type?: string): Manifest | Index {
  if (bytes.length > manifestLimit) throw bad(`a manifest of ${bytes.length} bytes is not read`);
  let value: Partial<Manifest & Index>;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Manifest & Index>;
  } catch (cause) {
    throw bad('the manifest is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw bad('the manifest is no JSON object');
  value = members(value);
  const mediaType = value.mediaType ?? type ?? '';
  if (typeof mediaType !== 'string') throw bad('the manifest has a media type that is no text');
  // One document that reads as both would be two images, by who looks at it (CVE-2021-41190).
  if (value.manifests && (value.config || value.layers)) throw bad('the manifest is an index, too');
  if (Array.isArray(value.manifests) && !value.layers && !isManifestType(mediaType)) {
    if (!value.manifests.every(isDescriptor)) throw bad('the index has an entry that is no descriptor');
    return { ...value, schemaVersion: 2, mediaType, manifests: value.manifests };
  }
  if (isIndexType(mediaType)) throw bad('the index lists no manifests');
  if (!isDescriptor(value.config))
    throw bad(`a manifest of type ${JSON.stringify(mediaType)} is not supported`);
  const layers = value.layers ?? [];
  if (!Array.isArray(layers) || !layers.every(isDescriptor))
    throw bad('the manifest has a layer that is no descriptor');
  return { ...value, schemaVersion: 2, mediaType, config: value.config, layers };
}

export function isIndex(document: Manifest | Index): document is Index {
  return 'manifests' in document;
}

/** The bytes under which a document is stored: compact JSON, keys as given. */
export function encodeJson(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}
