// What a shared cache holds, as a JSON document: results of steps by their keys, and the blobs that have their layers.
// Whoever can write to a cache decides what a hit yields; what is checked here is that no document leads the reader astray.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, type Digest, isDigest } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';

/** A stored form of a layer. */
export interface CachedForm {
  blob: Descriptor;
  /** How it was compressed, as the layer index of a store names it: `gzip default`. */
  made?: string;
}

export interface CachedLayer {
  diffID: DiffID;
  forms: CachedForm[];
}

/** A record, and every key that leads to it. Its layer may not be among the layers: then its identity alone is known. */
export interface CachedResult {
  keys: Digest[];
  content: Digest;
  diffID: DiffID;
  /** Bytes of the uncompressed tar. */
  size: number;
  /** ISO 8601. */
  created: string;
  /** ISO 8601, where it is another time. */
  ran?: string;
  seconds: number;
  description: string;
  /** ISO 8601: when a build last needed it. */
  used: string;
  /** The blob that has the key trees of all its keys. */
  trees?: Digest;
}

/** The content of a RUN --mount=type=cache. */
export interface CachedMount {
  id: string;
  mode: number;
  uid: number;
  gid: number;
  /** Digest of names, sizes and times: equal for folders that hold the same. */
  shape: Digest;
  /** Lowest first. */
  blobs: Descriptor[];
  used: string;
}

export interface CacheConfig {
  version: 1;
  layers: CachedLayer[];
  results: CachedResult[];
  mounts: CachedMount[];
  /** Blobs with key trees, oldest first. */
  trees: Descriptor[];
}

export const cacheConfigType = 'application/vnd.slipway.cacheconfig.v1+json';

/** No larger document is read. */
export const cacheConfigLimit = 64 << 20;

export const emptyCache = (): CacheConfig => ({ version: 1, layers: [], results: [], mounts: [], trees: [] });

export function encodeCacheConfig(config: CacheConfig): Buffer {
  return encodeJson(config);
}

/** @throws ERR_BAD_IMAGE for what is no such document; ERR_UNSUPPORTED for one of a later version */
export function decodeCacheConfig(bytes: Uint8Array): CacheConfig {
  if (bytes.length > cacheConfigLimit) throw bad(`a cache document of ${bytes.length} bytes is not read`);
  let value: Partial<Record<keyof CacheConfig, unknown>> | null;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as typeof value;
  } catch (cause) {
    throw bad('the cache document is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw bad('the cache document is no JSON object');
  if (value.version !== 1) {
    throw new SlipwayError('ERR_UNSUPPORTED', `the cache has version ${JSON.stringify(value.version)}`, {
      hint: 'it was written by another version of slipway: use that one, or export to another place',
    });
  }
  return {
    version: 1,
    layers: list(value.layers, isLayer, 'layer'),
    results: list(value.results, isResult, 'result'),
    mounts: list(value.mounts, isMount, 'cache mount'),
    trees: list(value.trees, isBlob, 'blob of key trees'),
  };
}

function list<T>(value: unknown, holds: (one: unknown) => one is T, what: string): T[] {
  if (!Array.isArray(value)) throw bad(`the cache document has no list of ${what}s`);
  const wrong = value.findIndex((one) => !holds(one));
  if (wrong >= 0) throw bad(`the cache document has a ${what} that is not sound (number ${wrong + 1})`);
  return value as T[];
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isDigestText = (value: unknown): boolean => typeof value === 'string' && isDigest(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= longestText;
const isListOf = (value: unknown, holds: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);

/** A heredoc's step is described by all of its text. */
const longestText = 1 << 20;

/** `2026-01-02T03:04:05.678Z`: other forms would not sort by time. */
function isTime(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(value)) return false;
  return !Number.isNaN(Date.parse(value));
}

function isBlob(value: unknown): value is Descriptor {
  if (!isFields(value)) return false;
  const { mediaType, digest, size, annotations, platform } = value;
  return (
    isShort(mediaType) &&
    isDigestText(digest) &&
    isCount(size) &&
    annotations === undefined &&
    platform === undefined
  );
}

function isLayer(value: unknown): value is CachedLayer {
  if (!isFields(value) || !isDigestText(value['diffID'])) return false;
  return isListOf(
    value['forms'],
    (form) => isFields(form) && isBlob(form['blob']) && (form['made'] === undefined || isShort(form['made'])),
  );
}

function isResult(value: unknown): value is CachedResult {
  if (!isFields(value)) return false;
  const { keys, content, diffID, size, created, ran, seconds, description, used, trees } = value;
  return (
    isListOf(keys, isDigestText) &&
    [content, diffID].every(isDigestText) &&
    isCount(size) &&
    [created, used, ran ?? created].every(isTime) &&
    Number.isFinite(seconds) &&
    (seconds as number) >= 0 &&
    isShort(description) &&
    (trees === undefined || isDigestText(trees))
  );
}

function isMount(value: unknown): value is CachedMount {
  if (!isFields(value)) return false;
  const { id, mode, uid, gid, shape, blobs, used } = value;
  return (
    isShort(id) &&
    [mode, uid, gid].every(isCount) &&
    isDigestText(shape) &&
    isListOf(blobs, isBlob) &&
    isTime(used)
  );
}

export function bad(what: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_BAD_IMAGE', what, { cause });
}
