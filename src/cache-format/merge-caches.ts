// What several builds have put into one cache, as one document: the union, in which the newest wins, within bounds.
import type { DiffID, Digest } from '../oci/digest.ts';
import type { CacheConfig, CachedLayer, CachedMount, CachedResult } from './cache-config.ts';

export interface CacheBounds {
  /** Milliseconds since 1970. */
  now: number;
  /** Milliseconds: what no build has needed for so long goes. */
  maxAge: number;
  /** Bytes of blobs: what was needed least recently goes first. What `own` has stays in any case. */
  maxSize: number;
}

/** More would not fit into a manifest, or a list of results, that is still read. */
const mostLayers = 10_000;
const mostResults = 50_000;
/** Blobs of key trees that are kept; results of older ones can't be explained any more. */
const mostTrees = 32;

export function mergeCaches(base: CacheConfig, own: CacheConfig, bounds: CacheBounds): CacheConfig {
  const kept = [...own.results, ...survivors(base, own)];
  const layers = joinLayers(base.layers, own.layers);
  const { results, diffIDs } = withinBounds(kept, own, { layers, bounds });
  const trees = joinTrees(base, own, results);
  const treeDigests = new Set(trees.map(({ digest }) => digest));
  return {
    version: 1,
    layers: [...layers.values()].filter(({ diffID }) => diffIDs.has(diffID)),
    results: results.map((result) => {
      if (result.trees === undefined || treeDigests.has(result.trees)) return result;
      const { trees: _, ...rest } = result;
      return rest;
    }),
    mounts: joinMounts(base.mounts, own.mounts, bounds),
    trees,
  };
}

/** Whether a cache has all that `own` would add, and knows that it was needed less than a day ago. */
export function isCovered(base: CacheConfig, own: CacheConfig, now: number): boolean {
  const byKey = new Map(base.results.flatMap((result) => result.keys.map((key) => [key, result] as const)));
  const layers = new Map(base.layers.map((layer) => [layer.diffID, layer]));
  const mounts = new Map(base.mounts.map((mount) => [mountName(mount), mount]));
  const isFresh = (used: string): boolean => now - Date.parse(used) < day;
  return (
    own.results.every(({ keys, diffID }) =>
      keys.every((key) => {
        const known = byKey.get(key);
        return known?.diffID === diffID && isFresh(known.used);
      }),
    ) &&
    own.layers.every(({ diffID, forms }) => {
      const known = layers.get(diffID)?.forms ?? [];
      return forms.every(({ blob }) => known.some((form) => form.blob.digest === blob.digest));
    }) &&
    own.mounts.every((mount) => {
      const known = mounts.get(mountName(mount));
      return known?.shape === mount.shape && isFresh(known.used);
    })
  );
}

const day = 86_400_000;

/** Results of the base with the keys that are left to them: those that `own` has no newer result for. */
function survivors(base: CacheConfig, own: CacheConfig): CachedResult[] {
  const owner = new Map(own.results.flatMap((result) => result.keys.map((key) => [key, result] as const)));
  const used = new Map(own.results.map(({ diffID, used }) => [diffID, used]));
  return base.results.flatMap((result) => {
    const keys = result.keys.filter((key) => !owner.has(key));
    if (keys.length === 0) return [];
    const [latest = result.used] = [result.used, used.get(result.diffID) ?? ''].sort().reverse();
    return [{ ...result, keys, used: latest }];
  });
}

function joinLayers(base: readonly CachedLayer[], own: readonly CachedLayer[]): Map<DiffID, CachedLayer> {
  const joined = new Map(base.map((layer) => [layer.diffID, layer]));
  for (const layer of own) {
    const others = joined.get(layer.diffID)?.forms ?? [];
    const isOwn = (digest: Digest): boolean => layer.forms.some(({ blob }) => blob.digest === digest);
    joined.set(layer.diffID, {
      diffID: layer.diffID,
      forms: [...layer.forms, ...others.filter(({ blob }) => !isOwn(blob.digest))],
    });
  }
  return joined;
}

function withinBounds(
  all: readonly CachedResult[],
  own: CacheConfig,
  { layers, bounds }: { layers: ReadonlyMap<DiffID, CachedLayer>; bounds: CacheBounds },
): { results: CachedResult[]; diffIDs: Set<DiffID> } {
  const mine = new Set(own.results);
  // What this build exported, and what it knows by its identity and another has exported.
  const diffIDs = new Set(
    [...own.layers, ...own.results].map(({ diffID }) => diffID).filter((id) => layers.has(id)),
  );
  const sizeOf = (diffID: DiffID): number =>
    (layers.get(diffID)?.forms ?? []).reduce((sum, { blob }) => sum + blob.size, 0);
  let size = [...diffIDs].reduce((sum, diffID) => sum + sizeOf(diffID), 0);
  const oldest = new Date(Math.max(0, bounds.now - bounds.maxAge)).toISOString();
  const others = all.filter((result) => !mine.has(result));
  const results = [...own.results];
  for (const result of others.sort((a, b) => (a.used < b.used ? 1 : -1))) {
    if (result.used < oldest) continue;
    const more = diffIDs.has(result.diffID) ? 0 : sizeOf(result.diffID);
    if (size + more > bounds.maxSize || results.length >= mostResults || diffIDs.size >= mostLayers) continue;
    size += more;
    if (layers.has(result.diffID)) diffIDs.add(result.diffID);
    results.push(result);
  }
  return { results, diffIDs };
}

function joinTrees(
  base: CacheConfig,
  own: CacheConfig,
  results: readonly CachedResult[],
): CacheConfig['trees'] {
  const needed = new Set(results.map(({ trees }) => trees));
  const all = new Map([...base.trees, ...own.trees].map((blob) => [blob.digest, blob]));
  return [...all.values()].filter(({ digest }) => needed.has(digest)).slice(-mostTrees);
}

export const mountName = ({ id, mode, uid, gid }: Pick<CachedMount, 'id' | 'mode' | 'uid' | 'gid'>): string =>
  [id, mode, uid, gid].join('\n');

function joinMounts(
  base: readonly CachedMount[],
  own: readonly CachedMount[],
  { now, maxAge }: CacheBounds,
): CachedMount[] {
  const joined = new Map(base.map((mount) => [mountName(mount), mount]));
  for (const mount of own) joined.set(mountName(mount), mount);
  const mine = new Set(own);
  return [...joined.values()].filter((mount) => mine.has(mount) || now - Date.parse(mount.used) < maxAge);
}
