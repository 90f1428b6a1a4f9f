// Layers that shared caches have: known by name until something needs their files, and known to be lost where they can't be had.
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import type { CacheRemote, OpenLayer } from '../seams.ts';
import type { LayerForms, LayerIndex } from '../store/layer-index.ts';

/** Where blobs come from. */
export type LayerOrigin = Pick<CacheRemote, 'name' | 'repository' | 'open'>;

export interface SharedLayers {
  /** A form of a layer, and how it was compressed as the layer index names it. */
  add(diffID: DiffID, form: { blob: Descriptor; made?: string | undefined }, from: LayerOrigin): void;
  /** Some cache has it, and it was not lost. */
  has(diffID: DiffID): boolean;
  /** Where a blob can be had. */
  origin(blob: Digest): LayerOrigin | undefined;
  /** Neither the store nor a cache has it: who needs its files makes it anew. */
  lose(diffID: DiffID): void;
  isLost(diffID: DiffID): boolean;
  /** How many were lost so far. */
  losses(): number;
  /** It is in the store now. */
  found(diffID: DiffID): void;
  /** The same index; it knows the forms that the caches have, too. */
  index(layers: LayerIndex): LayerIndex;
}

export function createSharedLayers(): SharedLayers {
  const forms = new Map<DiffID, { blob: Descriptor; made?: string | undefined }[]>();
  const origins = new Map<Digest, LayerOrigin>();
  const lost = new Set<DiffID>();
  let losses = 0;

  function withForms(known: LayerForms, diffID: DiffID): LayerForms {
    const shared = forms.get(diffID);
    if (!shared) return known;
    const blobs = shared
      .map(({ blob }) => blob)
      .filter((blob) => !known.blobs.some((one) => one.digest === blob.digest));
    const made = shared.flatMap((form) => (form.made === undefined ? [] : [[form.made, form.blob.digest]]));
    return {
      ...known,
      blobs: [...known.blobs, ...blobs],
      made: { ...Object.fromEntries(made), ...known.made },
    };
  }

  return {
    add(diffID, form, from) {
      const known = forms.get(diffID) ?? [];
      forms.set(diffID, known);
      if (!origins.has(form.blob.digest)) origins.set(form.blob.digest, from);
      if (!known.some(({ blob }) => blob.digest === form.blob.digest)) known.push(form);
    },
    has: (diffID) => forms.has(diffID) && !lost.has(diffID),
    origin: (blob) => origins.get(blob),
    lose(diffID) {
      if (!lost.has(diffID)) losses++;
      lost.add(diffID);
    },
    losses: () => losses,
    isLost: (diffID) => lost.has(diffID),
    found(diffID) {
      lost.delete(diffID);
    },
    index: (layers) => ({
      forms: async (diffID) => withForms(await layers.forms(diffID), diffID),
      add: (diffID, form) => layers.add(diffID, form),
    }),
  };
}

/** The same; a layer that a cache has and does not yield, or not as it should be, is lost. */
export function losing(shared: SharedLayers, openLayer: OpenLayer): OpenLayer {
  return async function* openOrLose(layer, signal) {
    try {
      yield* openLayer(layer, signal);
    } catch (error) {
      if (!signal.aborted && shared.has(layer.diffID)) shared.lose(layer.diffID);
      throw error;
    }
  };
}
