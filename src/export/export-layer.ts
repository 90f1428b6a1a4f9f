// A layer in the form that an output asks for: the one that is known, else made in one pass over its tar and remembered.
import type { Compression } from '../build-request.ts';
import { untilAborted } from '../fs/until-aborted.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, type Digest, finishDigest, newHash } from '../oci/digest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { ContentStore, Layer, OpenLayer } from '../seams.ts';

type Chunks = AsyncIterable<Buffer>;

export interface LayerWish {
  compression: Compression | 'estargz';
  /** Undefined: the compression's own. */
  level: number | undefined;
  /** As the base image has it, where it has it. */
  keep: boolean;
  /** A form that is known need not be stored here: it is wanted elsewhere alone. */
  remote?: boolean;
  /** Later times become this one; seconds since 1970. */
  epoch: number | undefined;
  /** Earlier times, too. */
  allTimes?: boolean;
}

export interface ExportedLayer {
  /** Another than the layer's own where times were rewritten. */
  diffID: DiffID;
  /** With the OCI media type, or that of the base image. */
  blob: Descriptor;
}

export interface ExportLayerParts {
  store: ContentStore;
  openLayer: OpenLayer;
  forms(diffID: DiffID): Promise<{ blobs: Descriptor[]; made?: Record<string, string> }>;
  remember(
    diffID: DiffID,
    form: { size?: number; blob?: Descriptor; made?: Record<string, string> },
  ): Promise<void>;
  /** Resolves when a form is not being made already, or no more. */
  settled?(diffID: DiffID, form: string): Promise<void>;
  clampTimes(source: Chunks, epoch: number, all: boolean): Chunks;
  compress(source: Chunks, wish: LayerWish, signal: AbortSignal): Chunks;
  /** `result` holds when the chunks have been read. */
  estargz(
    source: Chunks,
    options: { level: number | undefined; signal: AbortSignal },
  ): Promise<{
    chunks: Chunks;
    result(): { diffID: DiffID; size: number; annotations: Record<string, string> };
  }>;
  /** Whether fetch() has somewhere to fetch a blob from. */
  isElsewhere?(blob: Digest): boolean;
  fetch(blob: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
  exclusive<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Bounds how many layers are compressed at once. */
  slots: { take(signal: AbortSignal): Promise<Disposable> };
}

const layerTypes = {
  gzip: mediaType.ociLayerGzip,
  estargz: mediaType.ociLayerGzip,
  zstd: mediaType.ociLayerZstd,
  uncompressed: mediaType.ociLayer,
};

/** The layer as a stored blob: kept, found, or made. */
export async function exportLayer(
  layer: Layer,
  wish: LayerWish,
  { parts, signal }: { parts: ExportLayerParts; signal: AbortSignal },
): Promise<ExportedLayer> {
  const [own] = layer.blobs;
  if (wish.keep && own) {
    if (!wish.remote && !(await parts.store.info(own.digest)))
      await parts.store.ingest(parts.fetch(own, signal), own, signal);
    return { diffID: layer.diffID, blob: own };
  }
  if (wish.compression === 'estargz') {
    const { exportEstargz } = await import('./export-estargz.ts');
    return exportEstargz(layer, wish, { parts, signal });
  }
  const how = formName(wish);
  if (wish.epoch === undefined && parts.settled) await untilAborted(parts.settled(layer.diffID, how), signal);
  const find = (): Promise<ExportedLayer | undefined> => findMade(layer.diffID, { wish, how, parts });
  const found = await find();
  if (found) return found;
  return parts.exclusive(`export ${layer.diffID} ${how} ${epochName(wish)}`, signal, async () => {
    const other = await find();
    if (other) return other;
    const fetched = (await fetchMade(layer, { wish, how, parts, signal })) && (await find());
    if (fetched) return fetched;
    using _slot = await parts.slots.take(signal);
    const made = await make(layer, wish, { parts, signal });
    const { diffID, blob, size } = made;
    if (wish.epoch !== undefined) await parts.remember(layer.diffID, { made: { [epochName(wish)]: diffID } });
    const known = wish.compression === 'uncompressed' ? {} : { blob, made: { [how]: blob.digest } };
    await parts.remember(diffID, { size, ...known });
    return { diffID, blob };
  });
}

/** Under which name a compressed form is remembered: `gzip 6`. */
export const formName = ({ compression, level }: Pick<LayerWish, 'compression' | 'level'>): string =>
  `${compression} ${level ?? 'default'}`;

export const epochName = ({ epoch, allTimes }: LayerWish): string =>
  `${allTimes ? 'timestamp' : 'epoch'} ${epoch}`;

async function findMade(
  original: DiffID,
  { wish, how, parts }: { wish: LayerWish; how: string; parts: ExportLayerParts },
): Promise<ExportedLayer | undefined> {
  const diffID =
    wish.epoch === undefined
      ? original
      : ((await parts.forms(original)).made?.[epochName(wish)] as DiffID | undefined);
  if (diffID === undefined) return undefined;
  if (wish.compression === 'uncompressed') {
    const tar = await parts.store.info(diffID as string as Digest);
    return tar && { diffID, blob: { mediaType: layerTypes.uncompressed, ...tar } };
  }
  const { blobs, made } = await parts.forms(diffID);
  const blob = blobs.find(({ digest }) => digest === made?.[how]);
  if (!blob) return undefined;
  const isElsewhere = wish.remote === true && parts.isElsewhere?.(blob.digest) === true;
  return isElsewhere || (await parts.store.info(blob.digest)) ? { diffID, blob } : undefined;
}

/** What was made elsewhere in this form is fetched, and checked to be the layer, rather than made again. */
async function fetchMade(
  layer: Layer,
  {
    wish,
    how,
    parts,
    signal,
  }: { wish: LayerWish; how: string; parts: ExportLayerParts; signal: AbortSignal },
): Promise<boolean> {
  if (wish.epoch !== undefined || (await parts.store.info(layer.diffID as string as Digest))) return false;
  const { blobs, made } = await parts.forms(layer.diffID);
  const blob = blobs.find(({ digest }) => digest === made?.[how]);
  if (!blob || parts.isElsewhere?.(blob.digest) !== true) return false;
  for await (const _ of parts.openLayer({ ...layer, blobs: [blob] }, signal));
  await parts.remember(layer.diffID, { made: { [how]: blob.digest } });
  return true;
}

/** Tar, times, digest, compression and store in one pass. */
async function make(
  layer: Layer,
  wish: LayerWish,
  { parts, signal }: { parts: ExportLayerParts; signal: AbortSignal },
): Promise<ExportedLayer & { size: number }> {
  const tar = parts.openLayer(layer, signal);
  const hash = wish.epoch === undefined ? undefined : newHash();
  let size = 0;
  async function* measured(source: Chunks): AsyncGenerator<Buffer, void> {
    for await (const chunk of source) {
      hash?.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const all = wish.allTimes === true;
  const chunks = measured(wish.epoch === undefined ? tar : parts.clampTimes(tar, wish.epoch, all));
  const source = wish.compression === 'uncompressed' ? chunks : parts.compress(chunks, wish, signal);
  const { digest, size: stored } = await parts.store.ingest(source, undefined, signal);
  const diffID = hash ? (finishDigest(hash) as string as DiffID) : layer.diffID;
  return { diffID, blob: { mediaType: layerTypes[wish.compression], digest, size: stored }, size };
}
