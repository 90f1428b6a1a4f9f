// Layers that an output is going to want compressed are so while they are packed, and while the steps after them run.
import { availableParallelism } from 'node:os';
import type { BuildRequest } from '../build-request.ts';
import { formName } from '../export/export-layer.ts';
import { type GrowingFile, readGrowing } from '../fs/growing-file.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { BlobInfo } from '../seams.ts';
import { createSlots } from '../solver/slots.ts';
import type { BlobStore } from '../store/content-store.ts';
import type { LayerIndex } from '../store/layer-index.ts';

/** A layer that is being packed. Disposing of it stops what is under way for it, unless it has a name by then. */
export interface EarlyLayer extends Disposable {
  /** Takes the file that the tar is written to. */
  follow(file: GrowingFile): void;
  /** What the tar has turned out to be. */
  name(layer: { diffID: DiffID; size: number }): Promise<void>;
}

/** Disposing of it stops what is under way. */
export interface EarlyLayers extends AsyncDisposable {
  /** Says that images will be wanted that end in these vertices. */
  expect(ends: readonly (Vertex | undefined)[], request: BuildRequest): void;
  /** Undefined where nothing is known to want the layer that the vertex makes. */
  begin(vertex: Vertex): EarlyLayer | undefined;
  /** Resolves when the form is not under way, or no more. What fails here is made, and fails, where it is wanted. */
  settled(diffID: DiffID, form: string): Promise<void>;
}

export function createEarlyLayers(store: BlobStore, layers: LayerIndex): EarlyLayers {
  const wanted = new Map<Digest, EarlyWish>();
  /** By diffID and form. */
  const underway = new Map<string, Promise<void>>();
  const all = new Set<Promise<unknown>>();
  const stop = new AbortController();
  const slots = createSlots(Math.min(availableParallelism(), 4));

  async function compress(file: GrowingFile, wish: EarlyWish, signal: AbortSignal): Promise<BlobInfo> {
    await using _open = file;
    using _slot = await slots.take(signal);
    return await store.ingest(await compressed(file, wish, signal), undefined, signal);
  }

  function begin(wish: EarlyWish): EarlyLayer {
    const form = formName(wish);
    const own = new AbortController();
    let blob: Promise<BlobInfo> | undefined;
    let named = false;
    const watch = <T>(work: Promise<T>): Promise<T> => {
      const ended = work.then(
        () => void all.delete(ended),
        () => void all.delete(ended),
      );
      all.add(ended);
      return work;
    };
    return {
      follow(file) {
        blob = watch(compress(file, wish, AbortSignal.any([stop.signal, own.signal])));
      },
      async name({ diffID, size }) {
        const { blobs, made } = await layers.forms(diffID);
        const known = blobs.find(({ digest }) => digest === made?.[form]);
        if (!blob || (known && (await store.info(known.digest)))) return;
        named = true;
        const key = `${diffID} ${form}`;
        const kept = blob
          .then(({ digest, size: stored }) =>
            layers.add(diffID, {
              size,
              blob: {
                mediaType: wish.compression === 'zstd' ? mediaType.ociLayerZstd : mediaType.ociLayerGzip,
                digest,
                size: stored,
              },
              made: { [form]: digest },
            }),
          )
          .catch(() => {})
          .finally(() => underway.delete(key));
        underway.set(key, watch(kept));
      },
      [Symbol.dispose]() {
        if (!named) own.abort();
      },
    };
  }

  return {
    expect(ends, request) {
      const wish = earlyWish(request);
      if (!wish || availableParallelism() === 1) return;
      for (const end of ends)
        for (let vertex = end; vertex && makesLayer(vertex); vertex = vertex.inputs[0])
          wanted.set(vertex.id, wish);
    },
    begin({ id }) {
      const wish = stop.signal.aborted ? undefined : wanted.get(id);
      return wish && begin(wish);
    },
    settled: (diffID, form) => underway.get(`${diffID} ${form}`) ?? Promise.resolve(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(all);
    },
  };
}

const makesLayer = ({ op: { type } }: Vertex): boolean => ['exec', 'copy', 'mkdir'].includes(type);

/** How a request's images will be wanted. */
interface EarlyWish {
  compression: 'gzip' | 'zstd';
  level: number | undefined;
}

function earlyWish({ outputs, changes }: BuildRequest): EarlyWish | undefined {
  if (changes?.squash) return undefined;
  for (const output of outputs) {
    if (output.type !== 'image' && output.type !== 'oci' && output.type !== 'docker') continue;
    const { compression = 'gzip', compressionLevel: level, rewriteTimestamp } = output.options ?? {};
    if (!rewriteTimestamp && (compression === 'gzip' || compression === 'zstd'))
      return { compression, level };
  }
  return undefined;
}

async function compressed(
  file: GrowingFile,
  { compression, level }: EarlyWish,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  if (compression === 'gzip') return (await import('../layer/gzip.ts')).gzipFile(file, level);
  return (await import('../layer/compress-zstd.ts')).zstdChunks(readGrowing(file), { level, signal });
}
