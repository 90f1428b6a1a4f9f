// A cache inside an image's own config: the results whose layers the image has anyway, and the identities of the others.
import type { ImageConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID } from '../oci/digest.ts';
import {
  bad,
  type CacheConfig,
  type CachedResult,
  decodeCacheConfig,
  encodeCacheConfig,
} from './cache-config.ts';

/** The config's member. */
export const inlineCacheKey = 'slipway.cache.v1';

/** `layer` counts the image's layers, whose tars an exporter may yet change; a diffID is that of a layer it has not. */
export type InlineResult = Omit<CachedResult, 'description' | 'diffID' | 'used' | 'trees'> & {
  layer: number | DiffID;
};

/** The value of the config's member. Steps are not described: an image is not to tell how the stages went that it only copies from. */
export function encodeInlineCache(
  results: readonly CachedResult[],
  diffIDs: readonly DiffID[],
): { version: 1; results: InlineResult[] } {
  return {
    version: 1,
    results: results.map(({ description: _text, diffID, used: _used, trees: _trees, ...result }) => {
      const layer = diffIDs.indexOf(diffID);
      return { ...result, layer: layer < 0 ? diffID : layer };
    }),
  };
}

/** Undefined where the image has none. @throws ERR_BAD_IMAGE, ERR_UNSUPPORTED */
export function decodeInlineCache(
  config: ImageConfig,
  layers: readonly Descriptor[],
): CacheConfig | undefined {
  const value = (config as ImageConfig & { [inlineCacheKey]?: unknown })[inlineCacheKey];
  if (value === undefined) return undefined;
  const { version, results } = (value ?? {}) as { version?: 1; results?: unknown };
  if (!Array.isArray(results)) throw bad('the cache in the image config is not sound');
  const diffIDs = config.rootfs.diff_ids;
  if (diffIDs.length !== layers.length)
    throw bad('the image has other layers in its manifest than in its config');
  const decoded = results.map((result: Partial<InlineResult> | null) => {
    const { layer, ...rest } = result ?? {};
    const diffID = typeof layer === 'number' ? diffIDs[layer] : layer;
    return { ...rest, description: '', diffID, used: rest.created };
  });
  const needed = new Set(decoded.map(({ diffID }) => diffID));
  const cached = diffIDs.flatMap((diffID, index) => {
    const { mediaType, digest, size } = layers[index]!;
    return needed.has(diffID) ? [{ diffID, forms: [{ blob: { mediaType, digest, size } }] }] : [];
  });
  // Through the checks of a document that was read.
  const document = { version, layers: cached, results: decoded, mounts: [], trees: [] };
  return decodeCacheConfig(encodeCacheConfig(document as unknown as CacheConfig));
}
