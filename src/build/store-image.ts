// From solved stages to an image in the content store: layers in the form asked for, config, manifest, index.
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import type { ImageOptions } from '../build-request.ts';
import { annotationsFor, joinAnnotations } from '../export/annotations.ts';
import { type ExportLayerParts, exportLayer, type LayerWish } from '../export/export-layer.ts';
import type { ExportedImage, ExportedManifest, PendingImage } from '../export/image.ts';
import { type MediaTypes, mediaTypes } from '../export/media-types.ts';
import { clampTimes } from '../layer/clamp-times.ts';
import { zstdChunks } from '../layer/compress-zstd.ts';
import { gzipChunks } from '../layer/gzip.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { encodeJson } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import { createSlots } from '../solver/slots.ts';
import { tracedStream } from '../trace.ts';
import { withEpoch } from './assemble.ts';
import type { SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';
import { tracedSlots } from './traced-parts.ts';

export interface StoreImageInput {
  images: readonly SolvedImage[];
  options: ImageOptions;
  /** The build's SOURCE_DATE_EPOCH. */
  epoch: number | undefined;
  /** Layers that are kept as they are need not be fetched: they are wanted elsewhere alone. */
  remote?: boolean;
  /** An index, also over one platform. */
  isIndex: boolean;
  /** What the index lists after the images. */
  attest?: ((manifests: ExportedManifest[], types: MediaTypes) => Promise<ExportedManifest[]>) | undefined;
}

/** Docker's media types know neither zstd nor annotations; BuildKit turns to those of the spec, too. */
export function needsOciTypes(options: ImageOptions): boolean {
  const { compression, annotations, createdAnnotation } = options;
  return compression === 'zstd' || (annotations?.length ?? 0) > 0 || createdAnnotation === true;
}

/**
 * Starts the layers, as many at once as there are cores and four at most, and the documents when they are done. The first failure
 * stops the rest; disposing of it stops all, and waits until nothing of it holds a lock or writes any more.
 */
export function storeImage(
  input: StoreImageInput,
  state: State,
  signal: AbortSignal,
): PendingImage & AsyncDisposable {
  const stop = new AbortController();
  const shared = AbortSignal.any([signal, stop.signal]);
  // Every layer listens.
  setMaxListeners(0, shared);
  let isMaking: () => void = () => {};
  const making = new Promise<void>((resolve) => {
    isMaking = resolve;
  });
  const parts = layerParts(state, isMaking);
  const types = mediaTypes(input.options.ociMediaTypes !== false || needsOciTypes(input.options));
  const pending = input.images.map((image) => {
    const layers = image.layers.map((layer, index) =>
      exportLayer(layer, wishFor(image, index, input), { parts, signal: shared }).then((done) => ({
        ...done,
        blob: exported(done.blob, types),
      })),
    );
    return { image, layers };
  });
  const all = pending.flatMap(({ layers }) => layers);
  const finish = async (): Promise<ExportedImage> => {
    const manifests = await Promise.all(
      pending.map(async ({ image, layers }) => {
        const done = await Promise.all(layers);
        const config: ImageConfig = {
          ...withEpoch(image.config, image.base, input.options.epoch),
          rootfs: { type: 'layers', diff_ids: done.map(({ diffID }) => diffID) },
        };
        const blobs = done.map(({ blob }) => blob);
        return storeManifest({ config, blobs, platform: image.platform }, { input, types, state, signal });
      }),
    );
    return storeIndex(manifests, { input, types, state, signal });
  };
  const image = finish();
  // Whoever reads the layers may not come to read this.
  image.catch((error) => stop.abort(error));
  const layers = all.map(async (one) => (await one).blob);
  for (const layer of layers) layer.catch(() => {});
  return {
    ...{ layers, image, making },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled(all);
    },
  };
}

/** @param onMake called when a layer has to be made. */
export function layerParts(state: State, onMake: () => void = () => {}): ExportLayerParts {
  const slots = tracedSlots(createSlots(Math.min(availableParallelism(), 4)), 'to compress');
  return {
    store: state.store,
    openLayer: state.openLayer,
    forms: (diffID) => state.layers.forms(diffID),
    remember: (diffID, form) => state.layers.add(diffID, form),
    settled: (diffID, form) => state.early.settled(diffID, form),
    clampTimes,
    compress: (source, { compression, level }, signal) =>
      tracedStream(
        'layer',
        `compress ${compression}`,
        compression === 'zstd' ? zstdChunks(source, { level, signal }) : gzipChunks(source, level),
      ),
    async estargz(source, options) {
      const { estargz } = await import('../layer/estargz.ts');
      return estargz(source, options);
    },
    isElsewhere: (blob) => state.canFetch(blob),
    fetch: state.fetch,
    exclusive: state.cache.exclusive,
    slots: {
      take(slotSignal) {
        onMake();
        return slots.take(slotSignal);
      },
    },
  };
}

/** The base image's layers stay what they are, unless they are to be compressed anew; their times stay in any case. */
function wishFor(image: SolvedImage, index: number, { options, epoch, remote }: StoreImageInput): LayerWish {
  const { compression = 'gzip', compressionLevel: level, rewriteTimestamp } = options;
  const isBase = image.base?.rootfs.diff_ids[index] === image.layers[index]!.diffID;
  return {
    compression,
    level,
    keep: isBase && !options.forceCompression,
    remote: remote === true && !options.forceCompression,
    epoch: rewriteTimestamp && !isBase ? (options.epoch ?? epoch) : undefined,
    allTimes: rewriteTimestamp === 'all',
  };
}

/** Annotations of layers are kept where they are part of the image, and not a note of some builder's to itself. */
function exported({ mediaType, digest, size, annotations }: Descriptor, types: MediaTypes): Descriptor {
  const type = types.layer(mediaType);
  const kept = Object.entries(annotations ?? {}).filter(
    ([key]) =>
      type.startsWith('application/vnd.oci.') &&
      !/^(containerd\.io\/(uncompressed$|distribution\.source\.)|buildkit\/)/.test(key),
  );
  return {
    mediaType: type,
    digest,
    size,
    ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}),
  };
}

interface Making {
  input: StoreImageInput;
  types: MediaTypes;
  state: State;
  signal: AbortSignal;
}

async function storeManifest(
  made: { config: ImageConfig; blobs: Descriptor[]; platform: Platform },
  { input, types, state, signal }: Making,
): Promise<ExportedManifest> {
  const { annotations, createdAnnotation: isDated } = input.options;
  const platform = platformOf(made.platform);
  const config = await storeJson(made.config, types.config, { state, signal });
  const { created } = made.config;
  const dated = created ? { [createdAnnotation]: wholeSeconds(created) } : {};
  const given = annotationsFor(annotations, 'manifest', platform);
  const notes = isDated ? joinAnnotations(dated, given ?? {}) : given;
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: made.blobs,
    ...(notes ? { annotations: notes } : {}),
  };
  const stored = await storeJson(manifest, types.manifest, { state, signal });
  const own = annotationsFor(annotations, 'manifest-descriptor', platform);
  const described = joinAnnotations(input.isIndex ? {} : dated, own ?? {});
  return {
    descriptor: {
      ...stored,
      ...(Object.keys(described).length > 0 ? { annotations: described } : {}),
      platform,
    },
    config,
    layers: made.blobs,
  };
}

const createdAnnotation = 'org.opencontainers.image.created';

async function storeIndex(
  manifests: ExportedManifest[],
  { input, types, state, signal }: Making,
): Promise<ExportedImage> {
  if (!input.isIndex) return { descriptor: manifests[0]!.descriptor, manifests };
  const attestations = await input.attest?.(manifests, types);
  const { annotations, epoch = input.epoch } = input.options;
  const notes = annotationsFor(annotations, 'index');
  const index = {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [...manifests, ...(attestations ?? [])].map(({ descriptor }) => descriptor),
    ...(notes ? { annotations: notes } : {}),
  };
  const stored = await storeJson(index, types.index, { state, signal });
  const times = input.images.flatMap(({ config }) => config.created ?? []).sort();
  const created = epoch === undefined ? times.at(-1) : new Date(epoch * 1000).toISOString();
  const described = joinAnnotations(
    created ? { [createdAnnotation]: wholeSeconds(created) } : {},
    annotationsFor(annotations, 'index-descriptor') ?? {},
  );
  return {
    descriptor: { ...stored, ...(Object.keys(described).length > 0 ? { annotations: described } : {}) },
    manifests,
    ...(attestations ? { attestations } : {}),
  };
}

/** RFC 3339 without a fraction, as BuildKit writes it. */
function wholeSeconds(time: string): string {
  return time.replace(/\.\d+(?=Z$)/, '');
}

async function storeJson(
  document: object,
  type: string,
  { state, signal }: { state: State; signal: AbortSignal },
): Promise<Descriptor> {
  const bytes = encodeJson(document);
  const expected = { digest: digestOf(bytes), size: bytes.length };
  // What an earlier build stored is not written again.
  const { digest, size } = await state.store.ingest([bytes], expected, signal);
  return { mediaType: type, digest, size };
}

/** Fields in the order in which the spec lists them. */
function platformOf(platform: Platform): Platform {
  const { architecture, os, variant, 'os.version': version } = platform;
  return { architecture, os, ...(version ? { 'os.version': version } : {}), ...(variant ? { variant } : {}) };
}
