// Layers as the plain tars that they are, in the store: for those who look into them or mount them where they lie.
import { isSlipwayError } from '../errors.ts';
import type { TarHead } from '../layer/packed-entries.ts';
import type { Digest } from '../oci/digest.ts';
import type { Layer, OpenLayer } from '../seams.ts';
import type { BlobStore } from '../store/content-store.ts';
import type { LayerIndex } from '../store/layer-index.ts';
import type { PackedLayers } from './packed-layers.ts';

export interface LayerTars {
  /** Makes sure that the uncompressed tar of a layer is a file, of the size that is known; returns its path. */
  file(layer: Layer, signal: AbortSignal): Promise<string>;
  /**
   * The same, while its bytes are read, once or, where what was stored before proves damaged, anew. They are verified when
   * `consume` has come to their end.
   */
  read<T>(
    layer: Layer,
    consume: (tar: { path: string; chunks: AsyncIterable<Buffer> }) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
  /** What the tar at the path holds, once, where this build has packed it and it is as it was written. */
  entries(path: string): Iterable<TarHead> | undefined;
}

export interface LayerTarsOptions {
  store: Pick<BlobStore, 'info' | 'open' | 'path' | 'isAsWritten'>;
  /** Streams the tar of a layer, and has it stored in the end. */
  storing: OpenLayer;
  /** Knows the size of what was stored before. */
  layers: LayerIndex;
  /** Remembers what was packed. */
  packed: Pick<PackedLayers, 'take'>;
}

export function createLayerTars({ store, storing, layers, packed }: LayerTarsOptions): LayerTars {
  const digestOf = ({ diffID }: Layer): Digest => diffID as string as Digest;

  async function isDamaged(digest: Digest, signal: AbortSignal): Promise<boolean> {
    if (!(await store.info(digest))) return true;
    try {
      for await (const _ of store.open(digest)) signal.throwIfAborted();
      return false;
    } catch (error) {
      // The store has removed it.
      if (isSlipwayError(error) && error.code === 'ERR_DIGEST_MISMATCH') return true;
      throw error;
    }
  }

  return {
    async file(layer, signal) {
      const digest = digestOf(layer);
      const found = await store.info(digest);
      const size = found && (layer.size ?? (await layers.forms(layer.diffID)).size);
      const isKnown = found !== undefined && size === found.size;
      if (!isKnown && (!found || (await isDamaged(digest, signal))))
        for await (const _ of storing(layer, signal));
      else if (size === undefined) await layers.add(layer.diffID, { size: found?.size });
      return store.path(digest);
    },
    async read(layer, consume, signal) {
      const digest = digestOf(layer);
      const path = store.path(digest);
      const wasThere = (await store.info(digest)) !== undefined;
      try {
        return await consume({ path, chunks: storing(layer, signal) });
      } catch (error) {
        signal.throwIfAborted();
        if (!wasThere || !(await isDamaged(digest, signal))) throw error;
        return consume({ path, chunks: storing(layer, signal) });
      }
    },
    entries(path) {
      const found = packed.take(path);
      return found && store.isAsWritten(found.digest) ? found.heads : undefined;
    },
  };
}
