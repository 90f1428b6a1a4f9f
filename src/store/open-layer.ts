// Finds the uncompressed tar of a layer: stored, compressed in the store, or to be fetched.
import { isSlipwayError, SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, type Digest, finishDigest, newHash } from '../oci/digest.ts';
import type { ContentStore, Layer, OpenLayer } from '../seams.ts';
import { abortable } from './abortable.ts';
import type { LayerIndex } from './layer-index.ts';

export interface OpenLayerOptions {
  store: ContentStore;
  layers: LayerIndex;
  /** Finds out by the first bytes how its source is compressed; passes on what is not. */
  decompress: (source: AsyncIterable<Buffer>, signal: AbortSignal) => AsyncIterable<Buffer>;
  /** Streams a blob from where the image came from, unverified. */
  fetch?: ((blob: Descriptor, signal: AbortSignal) => AsyncIterable<Uint8Array>) | undefined;
}

/**
 * Tries the blob that is the tar, then the compressed blobs that are stored, then fetches one into the store. What streams
 * is verified: it ends with ERR_DIGEST_MISMATCH where it is not the layer. Learns sizes and forms on the way.
 * @throws ERR_BLOB_NOT_FOUND where no form is known; what `fetch` throws for the first form it was tried with.
 */
export function createOpenLayer(options: OpenLayerOptions): OpenLayer {
  const { store, layers, decompress, fetch } = options;

  /** A compressed form that is stored, fetched if need be. */
  async function find(layer: Layer, known: Descriptor[], signal: AbortSignal): Promise<Descriptor> {
    const forms = [...layer.blobs, ...known];
    for (const blob of forms) if (await store.info(blob.digest)) return blob;
    let failure: unknown;
    for (const blob of fetch ? forms : []) {
      try {
        await store.ingest(fetch!(blob, signal), { digest: blob.digest, size: blob.size }, signal);
        return blob;
      } catch (error) {
        signal.throwIfAborted();
        // What the disk refuses, it refuses for every form.
        if (isSlipwayError(error) && ['ERR_STORE', 'ERR_DISK_FULL'].includes(error.code)) throw error;
        failure ??= error;
      }
    }
    throw failure ?? missing(layer.diffID);
  }

  return async function* openLayer(layer: Layer, signal: AbortSignal) {
    signal.throwIfAborted();
    const tar = layer.diffID as string as Digest;
    if (await store.info(tar)) {
      // The store verifies it against its digest, which is the diffID.
      yield* abortable(store.open(tar), signal);
      return;
    }
    const known = await layers.forms(layer.diffID);
    const blob = await find(layer, known.blobs, signal);
    const size = layer.size ?? known.size;
    const hash = newHash();
    let seen = 0;
    for await (const chunk of abortable(decompress(store.open(blob.digest), signal), signal)) {
      seen += chunk.length;
      if (size !== undefined && seen > size)
        throw mismatch(layer.diffID, blob, `has more than ${size} bytes`);
      hash.update(chunk);
      yield chunk;
    }
    const actual = finishDigest(hash);
    if (actual !== (layer.diffID as string)) throw mismatch(layer.diffID, blob, `unpacks to ${actual}`);
    await layers.add(layer.diffID, { size: seen, blob });
  };
}

function missing(diffID: DiffID): SlipwayError {
  return new SlipwayError('ERR_BLOB_NOT_FOUND', `the layer ${diffID} is not in the store`, {
    hint: 'it was removed; build with --no-cache, or pull the image again',
  });
}

function mismatch(diffID: DiffID, blob: Descriptor, what: string): SlipwayError {
  return new SlipwayError('ERR_DIGEST_MISMATCH', `${blob.digest} ${what}, and is not the layer ${diffID}`, {
    hint: 'the image is damaged or forged: its config names other layers than it has',
  });
}
