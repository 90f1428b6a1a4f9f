// Key trees of a shared cache: a document of their own, since only who asks why a step missed reads them.
import { type Digest, isDigest } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import type { KeyTree } from '../seams.ts';
import { bad } from './cache-config.ts';

/** Compressed with gzip. */
export const keyTreesType = 'application/vnd.slipway.keytrees.v1+gzip';

/** Bytes, uncompressed: no larger document is read. */
export const keyTreesLimit = 256 << 20;

const deepest = 1_000;

export function encodeKeyTrees(trees: ReadonlyMap<Digest, KeyTree>): Buffer {
  return encodeJson({ version: 1, trees: Object.fromEntries(trees) });
}

/** @throws ERR_BAD_IMAGE */
export function decodeKeyTrees(bytes: Uint8Array): Map<Digest, KeyTree> {
  let value: { version?: unknown; trees?: unknown } | null;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8')) as typeof value;
  } catch (cause) {
    throw bad('the key trees of the cache are not JSON', cause);
  }
  const trees = value?.trees;
  if (value?.version !== 1 || typeof trees !== 'object' || trees === null || Array.isArray(trees))
    throw bad('the key trees of the cache are no such document');
  const entries = Object.entries(trees);
  if (!entries.every(([key, tree]) => isDigest(key) && typeof tree === 'object' && isTree(tree, 0)))
    throw bad('the cache has a key tree that is not sound');
  return new Map(entries as [Digest, KeyTree][]);
}

function isTree(value: unknown, depth: number): value is KeyTree {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth > deepest) return false;
  return Object.values(value).every((one) => isTree(one, depth + 1));
}
