// Finds the uncompressed tar of a layer: stored, compressed in the store, or to be fetched.
import { isSlipwayError, SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, type Digest, finishDigest, newHash } from '../oci/digest.ts';
import type { ContentStore, Layer, OpenLayer } from '../seams.ts';
import { abortable } from './abortable.ts';
import { ingestThrough, type PassedOn } from './ingest-through.ts';
import type { LayerIndex } from './layer-index.ts';

export interface OpenLayerOptions {
  store: ContentStore;
  layers: LayerIndex;
  /** Finds out by the first bytes how its source is compressed; passes on what is not. */
  decompress: (source: AsyncIterable<Buffer>, signal: AbortSignal) => AsyncIterable<Buffer>;
  /** Streams a blob from where the image came from, unverified; its buffers are not used again. */
  fetch?: ((blob: Descriptor, signal: AbortSignal) => AsyncIterable<Uint8Array>) | undefined;
}

export interface LayerReader {
  /**
   * Tries the blob that is the tar, then the compressed blobs that are stored, then fetches one into the store. What streams
   * is verified: it ends with ERR_DIGEST_MISMATCH where it is not the layer. Learns sizes and forms on the way.
   * @throws ERR_BLOB_NOT_FOUND where no form is known; what `fetch` throws for the first form it was tried with.
   */
  open: OpenLayer;
  /** The same; a tar that was not stored is when the stream ends. */
  storing: OpenLayer;
  /** Begins to fetch what of the layers will have to be fetched, a few at a time; whoever opens one meanwhile reads along. */
  prefetch(layers: readonly Layer[], signal: AbortSignal): void;
}

/** Downloads at a time that nobody waits for yet. */
const mostAhead = 4;

/** A compressed form of a layer. */
interface Form {
  blob: Descriptor;
  /** Of the tar, where it is known. */
  size: number | undefined;
  chunks: AsyncIterable<Buffer>;
  /** Where it is on its way. */
  passed?: PassedOn;
}

export function createLayerReader(options: OpenLayerOptions): LayerReader {
  const { store, layers, decompress, fetch } = options;
  /** What is on its way, and read by nobody. */
  const begun = new Map<Digest, PassedOn>();

  function begin(blob: Descriptor, signal: AbortSignal): PassedOn {
    const expected = { digest: blob.digest, size: blob.size };
    return ingestThrough(store, (both) => fetch!(blob, both), { expected, signal });
  }

  async function formsOf(
    layer: Layer,
  ): Promise<{ size: number | undefined; forms: Map<Digest, Descriptor> }> {
    const known = await layers.forms(layer.diffID);
    const forms = new Map([...layer.blobs, ...known.blobs].map((blob) => [blob.digest, blob]));
    return { size: layer.size ?? known.size, forms };
  }

  async function find(layer: Layer, signal: AbortSignal): Promise<Form> {
    const { size, forms } = await formsOf(layer);
    const stored = (blob: Descriptor): Form => ({ blob, size, chunks: store.open(blob.digest) });
    for (const blob of forms.values()) {
      const passed = begun.get(blob.digest);
      if (passed) {
        begun.delete(blob.digest);
        return { blob, size, chunks: passed.chunks, passed };
      }
      if (await store.info(blob.digest)) return stored(blob);
    }
    let failure: unknown;
    for (const blob of fetch ? forms.values() : []) {
      const passed = begin(blob, signal);
      // With several of them, one that fails must not have been read yet: another may then take its place.
      if (forms.size === 1) return { blob, size, chunks: passed.chunks, passed };
      try {
        passed.leave();
        await passed.stored;
        return stored(blob);
      } catch (error) {
        signal.throwIfAborted();
        // What the disk refuses, it refuses for every form.
        if (isSlipwayError(error) && ['ERR_STORE', 'ERR_DISK_FULL'].includes(error.code)) throw error;
        failure ??= error;
      }
    }
    throw failure ?? missing(layer.diffID);
  }

  async function* unpacked(
    { diffID }: Layer,
    { blob, size, chunks, passed }: Form,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, number> {
    let seen = 0;
    let isWhole = false;
    try {
      for await (const chunk of abortable(decompress(chunks, signal), signal)) {
        seen += chunk.length;
        if (size !== undefined && seen > size) throw mismatch(diffID, blob, `has more than ${size} bytes`);
        yield chunk;
      }
      await passed?.stored;
      isWhole = true;
      return seen;
    } catch (error) {
      signal.throwIfAborted();
      // What was changed on its way, or in the store, is no bad archive.
      if (passed) await passed.stored;
      else for await (const _ of store.open(blob.digest)) signal.throwIfAborted();
      throw error;
    } finally {
      if (!isWhole) passed?.cancel();
    }
  }

  async function* open(layer: Layer, signal: AbortSignal): AsyncGenerator<Buffer> {
    signal.throwIfAborted();
    const tar = layer.diffID as string as Digest;
    if (await store.info(tar)) {
      // The store verifies it against its digest, which is the diffID.
      yield* abortable(store.open(tar), signal);
      return;
    }
    const form = await find(layer, signal);
    const hash = newHash();
    let seen = 0;
    for await (const chunk of unpacked(layer, form, signal)) {
      seen += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
    const actual = finishDigest(hash);
    if (actual !== tar) throw mismatch(layer.diffID, form.blob, `unpacks to ${actual}`);
    await layers.add(layer.diffID, { size: seen, blob: form.blob });
  }

  async function* storing(layer: Layer, signal: AbortSignal): AsyncGenerator<Buffer> {
    signal.throwIfAborted();
    const tar = layer.diffID as string as Digest;
    if (await store.info(tar)) {
      yield* abortable(store.open(tar), signal);
      return;
    }
    /** The form that was read to its end, and is what it should be. */
    let read: { blob: Descriptor; size: number } | undefined;
    async function* content(both: AbortSignal): AsyncGenerator<Buffer> {
      const form = await find(layer, both);
      read = { blob: form.blob, size: yield* unpacked(layer, form, both) };
    }
    const passed = ingestThrough(store, content, { expected: { digest: tar }, signal });
    try {
      yield* passed.chunks;
    } catch (error) {
      const isForged = read && isSlipwayError(error) && error.code === 'ERR_DIGEST_MISMATCH';
      throw isForged ? mismatch(layer.diffID, read!.blob, 'unpacks to something else') : error;
    } finally {
      passed.cancel();
    }
    if (read) await layers.add(layer.diffID, read);
  }

  /** Only of layers with one form: see find(). */
  async function fetchAhead(layer: Layer, signal: AbortSignal): Promise<void> {
    if (await store.info(layer.diffID as string as Digest)) return;
    const [blob, another] = (await formsOf(layer)).forms.values();
    if (!blob || another || begun.has(blob.digest) || (await store.info(blob.digest))) return;
    const passed = begin(blob, signal);
    begun.set(blob.digest, passed);
    try {
      await passed.stored;
    } finally {
      // What nobody asked for in time is read from the disk.
      if (begun.get(blob.digest) === passed) {
        begun.delete(blob.digest);
        passed.leave();
      }
    }
  }

  return {
    open,
    storing,
    prefetch(wanted, signal) {
      const left = [...wanted];
      const work = async (): Promise<void> => {
        for (let layer = left.shift(); layer; layer = left.shift()) {
          // Whoever needs it is told.
          await fetchAhead(layer, signal).catch(() => undefined);
        }
      };
      if (fetch) for (let count = 0; count < mostAhead; count++) void work();
    },
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
