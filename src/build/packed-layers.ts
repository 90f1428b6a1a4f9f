// The entries of layers that this build has packed, until somebody makes an index of one.
import { createPackedEntries, type PackedEntries, type TarHead } from '../layer/packed-entries.ts';
import type { Digest } from '../oci/digest.ts';

export interface PackedLayers {
  begin(): PackedEntries;
  /** @param path of the tar in the store */
  keep(path: string, digest: Digest, entries: PackedEntries): void;
  /** Once: what was asked for is forgotten. */
  take(path: string): { digest: Digest; heads: Iterable<TarHead> } | undefined;
}

/** Of one layer, and twice that of all: 300 bytes each. */
const mostEntries = 20_000;

export function createPackedLayers(): PackedLayers {
  const kept = new Map<string, { digest: Digest; entries: PackedEntries }>();
  let count = 0;
  const drop = (path: string): void => {
    count -= kept.get(path)?.entries.count() ?? 0;
    kept.delete(path);
  };
  return {
    begin: () => createPackedEntries(mostEntries),
    keep(path, digest, entries) {
      if (entries.count() === 0) return;
      drop(path);
      kept.set(path, { digest, entries });
      count += entries.count();
      for (const oldest of kept.keys()) {
        if (count <= 2 * mostEntries) break;
        drop(oldest);
      }
    },
    take(path) {
      const found = kept.get(path);
      const heads = found?.entries.heads();
      drop(path);
      return found && heads && { digest: found.digest, heads };
    },
  };
}
