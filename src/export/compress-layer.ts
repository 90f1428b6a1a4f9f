// The compressed form of a layer: the one that is known, else made once and remembered.
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { ContentStore, Layer, OpenLayer } from '../seams.ts';

export interface CompressOptions {
  store: ContentStore;
  openLayer: OpenLayer;
  /** Forms that are known of a layer. */
  forms(diffID: DiffID): Promise<{ blobs: Descriptor[] }>;
  remember(diffID: DiffID, blob: Descriptor): Promise<void>;
  gzip(source: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  fetch(blob: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  exclusive<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** Media types of Docker's manifests in the spec's words. */
function ociType(type: string): string {
  if (/zstd/.test(type)) return mediaType.ociLayerZstd;
  if (/gzip/.test(type)) return mediaType.ociLayerGzip;
  return mediaType.ociLayer;
}

function plain({ digest, size, mediaType: type }: Descriptor): Descriptor {
  return { mediaType: ociType(type), digest, size };
}

/** The layer as a stored blob, fetched or compressed if need be. */
export async function compressLayer(
  layer: Layer,
  options: CompressOptions,
  signal: AbortSignal,
): Promise<Descriptor> {
  const { store } = options;
  const known = async (): Promise<Descriptor | undefined> => {
    const blobs = [...layer.blobs, ...(await options.forms(layer.diffID)).blobs];
    for (const blob of blobs)
      if ((blob.digest as string) !== layer.diffID && (await store.info(blob.digest))) return plain(blob);
    return undefined;
  };
  const stored = await known();
  if (stored) return stored;
  const remote = layer.blobs[0];
  if (remote && !(await store.info(layer.diffID as string as Digest))) {
    await store.ingest(options.fetch(remote, signal), remote, signal);
    return plain(remote);
  }
  return options.exclusive(`compress ${layer.diffID}`, signal, async () => {
    const made = await known();
    if (made) return made;
    const info = await store.ingest(options.gzip(options.openLayer(layer, signal)), undefined, signal);
    const blob = { mediaType: mediaType.ociLayerGzip, digest: info.digest, size: info.size };
    await options.remember(layer.diffID, blob);
    return blob;
  });
}
