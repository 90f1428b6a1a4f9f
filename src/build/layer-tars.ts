// Layers as the plain tars that they are, in the store: for those who look into them or mount them where they lie.
import { isSlipwayError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { ContentStore, Layer, OpenLayer } from '../seams.ts';

export interface LayerTars {
  /** Makes sure that the uncompressed tar of a layer is a file; returns its path. */
  file(layer: Layer, signal: AbortSignal): Promise<string>;
  /** The same, for what was stored before read once more: a power cut may have torn it. */
  checked(layer: Layer, signal: AbortSignal): Promise<string>;
}

export function createLayerTars(store: ContentStore, openLayer: OpenLayer): LayerTars {
  const digestOf = ({ diffID }: Layer): Digest => diffID as string as Digest;

  async function file(layer: Layer, signal: AbortSignal): Promise<string> {
    await store.ingest(openLayer(layer, signal), { digest: digestOf(layer) }, signal);
    return store.path(digestOf(layer));
  }

  async function removeDamaged(digest: Digest, signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of store.open(digest)) signal.throwIfAborted();
    } catch (error) {
      // The store has removed it.
      if (!isSlipwayError(error) || error.code !== 'ERR_DIGEST_MISMATCH') throw error;
    }
  }

  return {
    file,
    async checked(layer, signal) {
      const digest = digestOf(layer);
      if (await store.info(digest)) await removeDamaged(digest, signal);
      return file(layer, signal);
    },
  };
}
