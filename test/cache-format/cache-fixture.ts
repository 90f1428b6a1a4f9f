// Documents of shared caches for tests, made of names.
import type { CacheConfig, CachedResult } from '../../src/cache-format/cache-config.ts';
import { type DiffID, type Digest, digestOf } from '../../src/oci/digest.ts';
import { mediaType } from '../../src/oci/media-type.ts';

export const key = (name: string): Digest => digestOf(`key ${name}`);
export const diffID = (name: string): DiffID => digestOf(`layer ${name}`) as string as DiffID;

export function blob(name: string, size = 10): { mediaType: string; digest: Digest; size: number } {
  return { mediaType: mediaType.ociLayerGzip, digest: digestOf(`blob ${name}`), size };
}

export const time = (day: number): string => new Date(Date.UTC(2030, 0, day)).toISOString();

/** A result whose layer is called `layer`, under keys with these names. */
export function result(layer: string, keys: readonly string[], day = 1): CachedResult {
  return {
    keys: keys.map(key),
    content: digestOf(`content ${layer}`),
    diffID: diffID(layer),
    size: 100,
    created: time(1),
    seconds: 1.5,
    description: `RUN ${layer}`,
    used: time(day),
  };
}

/** Every result has its layer, of `size` bytes. */
export function cache(
  results: CachedResult[],
  options: Partial<CacheConfig> & { size?: number } = {},
): CacheConfig {
  const { size = 10, ...rest } = options;
  const names = new Map(results.map((one) => [one.diffID, one.description.slice('RUN '.length)]));
  const layers = [...names].map(([id, name]) => ({
    diffID: id,
    forms: [{ blob: blob(name, size), made: 'gzip default' }],
  }));
  return { version: 1, layers, results, mounts: [], trees: [], ...rest };
}
