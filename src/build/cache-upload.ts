// Layers on their way into a shared cache while the build goes on: found there, copied from another cache, or compressed here.
import type { CacheTarget } from '../build-request.ts';
import type { CachedLayer } from '../cache-format/cache-config.ts';
import { type ExportLayerParts, exportLayer, type LayerWish } from '../export/export-layer.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID } from '../oci/digest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { CacheRecord, CacheRemote } from '../seams.ts';
import { createSlots } from '../solver/slots.ts';
import type { SecretCheck } from './secret-guard.ts';
import type { State } from './state.ts';

type PlaceTarget = CacheTarget & { type: 'place' };

export interface CacheUploadParts {
  state: State;
  secrets: SecretCheck | undefined;
  remote: CacheRemote;
  target: PlaceTarget;
  layerParts: ExportLayerParts;
  /** What the cache has already, from the first look at it. */
  known: Promise<ReadonlyMap<DiffID, CachedLayer>>;
  signal: AbortSignal;
}

export interface CacheUpload {
  /** Begins, unless it was begun. */
  add(record: CacheRecord): void;
  /** Waits for all that was begun, and tells of each. What could not be had anywhere is left out. */
  layers(tell?: (blob: Descriptor) => void): Promise<CachedLayer[]>;
  /** Waits until nothing is on its way, however it ends. */
  settled(): Promise<void>;
}

const types = {
  gzip: [mediaType.ociLayerGzip, mediaType.dockerLayerGzip],
  zstd: [mediaType.ociLayerZstd],
  uncompressed: [mediaType.ociLayer],
} as const;

/** Layers on their way. */
const atOnce = 4;

export function createCacheUpload(parts: CacheUploadParts): CacheUpload {
  const { state, remote, target, signal } = parts;
  const { compression = 'gzip', compressionLevel: level, forceCompression = false } = target;
  const begun = new Map<DiffID, { record: CacheRecord; work: Promise<CachedLayer | undefined> }>();
  const wish: LayerWish = { compression, level, keep: false, epoch: undefined };
  const how = `${compression} ${level ?? 'default'}`;
  const slots = createSlots(atOnce);

  const fits = ({ mediaType: type }: Descriptor): boolean =>
    !forceCompression || (types[compression] as readonly string[]).includes(type);

  async function upload({ diffID, size, description }: CacheRecord): Promise<CachedLayer | undefined> {
    const known = (await parts.known).get(diffID);
    const form = known?.forms.find(({ blob }) => fits(blob));
    if (form && (await (remote.has?.(form.blob, signal) ?? true))) return { diffID, forms: [form] };
    const shared = await copied(diffID);
    if (shared) return shared;
    const layer = { diffID, size, blobs: [] };
    if (parts.secrets) {
      const { searchLayer } = await import('./search-layers.ts');
      await searchLayer(
        layer,
        { what: `the layer of ${description}` },
        { state, secrets: parts.secrets, signal },
      );
    }
    const { blob } = await exportLayer(layer, wish, {
      parts: parts.layerParts,
      signal,
    });
    const { mediaType: type, digest } = blob;
    const descriptor = { mediaType: type, digest, size: blob.size };
    await remote.write({ descriptor, open: () => state.store.open(digest) }, signal);
    return { diffID, forms: [{ blob: descriptor, made: how }] };
  }

  /** From one cache to another, without a look into it, where it is not here. */
  async function copied(diffID: DiffID): Promise<CachedLayer | undefined> {
    if (!state.shared.has(diffID) || (await state.store.info(diffID as string as never))) return undefined;
    const { blobs, made = {} } = await state.layers.forms(diffID);
    for (const blob of blobs) {
      const origin = state.shared.origin(blob.digest);
      if (!origin || !fits(blob)) continue;
      const { mediaType: type, digest, size } = blob;
      const descriptor = { mediaType: type, digest, size };
      const mountFrom = origin.repository === undefined ? {} : { mountFrom: [origin.repository] };
      await remote.write({ descriptor, ...mountFrom, open: (either) => state.fetch(blob, either) }, signal);
      const name = Object.keys(made).find((one) => made[one] === digest);
      return { diffID, forms: [{ blob: descriptor, ...(name === undefined ? {} : { made: name }) }] };
    }
    return undefined;
  }

  /** A step that was found by its identity alone has no layer to give. */
  async function uploadUnlessLost(record: CacheRecord): Promise<CachedLayer | undefined> {
    try {
      using _slot = await slots.take(signal);
      return await upload(record);
    } catch (error) {
      if (state.shared.isLost(record.diffID)) return undefined;
      throw error;
    }
  }

  function begin(record: CacheRecord): Promise<CachedLayer | undefined> {
    const work = uploadUnlessLost(record);
    work.catch(() => {});
    begun.set(record.diffID, { record, work });
    return work;
  }

  return {
    add(record) {
      if (!begun.has(record.diffID)) begin(record);
    },
    async settled() {
      await Promise.allSettled([...begun.values()].map(({ work }) => work));
    },
    async layers(tell) {
      const all = [...begun.values()].map(async ({ record, work }) => {
        // What was lost at first may have been made anew since.
        const layer = (await work) ?? (await begin(record));
        for (const { blob } of layer?.forms ?? []) tell?.(blob);
        return layer;
      });
      return (await Promise.all(all)).filter((layer) => layer !== undefined);
    },
  };
}
