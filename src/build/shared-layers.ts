// Layers that shared caches have: known by name until something needs their files, and known to be lost where they can't be had.
import { invariant, type SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import type { CacheRemote, ContentStore, OpenLayer } from '../seams.ts';
import type { LayerForms, LayerIndex } from '../store/layer-index.ts';
import { type Damages, readThrough } from './damages.ts';

/** Where blobs come from. */
export type LayerOrigin = Pick<CacheRemote, 'name' | 'repository' | 'open'>;

export interface SharedLayers {
  /** A form of a layer, and how it was compressed as the layer index names it. */
  add(diffID: DiffID, form: { blob: Descriptor; made?: string | undefined }, from: LayerOrigin): void;
  /** Some cache has it, and it was not lost. */
  has(diffID: DiffID): boolean;
  /** Where a blob can be had. */
  origin(blob: Digest): LayerOrigin | undefined;
  /** Streams a blob that has an origin, verified; a cache that does not yield it as it should is not asked for it again. */
  open(blob: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
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
  /** Of a blob, in the order in which they are asked. */
  const origins = new Map<Digest, LayerOrigin[]>();
  const owners = new Map<Digest, DiffID[]>();
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

  function lose(diffID: DiffID): void {
    losses++;
    lost.add(diffID);
    forms.delete(diffID);
  }

  /** For good: what a cache did not yield once, it is not asked for again. */
  function drop({ digest }: Descriptor, from: LayerOrigin): void {
    const left = (origins.get(digest) ?? []).filter((one) => one !== from);
    origins.set(digest, left);
    if (left.length > 0) return;
    for (const diffID of owners.get(digest) ?? []) {
      const others = (forms.get(diffID) ?? []).filter(({ blob }) => blob.digest !== digest);
      if (others.length === 0) lose(diffID);
      else forms.set(diffID, others);
    }
  }

  async function* open(blob: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { verifying } = await import('../remote-cache/verified.ts');
    for (;;) {
      const from = origins.get(blob.digest)?.[0];
      invariant(from, `no cache has ${blob.digest}`);
      let isBegun = false;
      try {
        for await (const chunk of verifying(from.open(blob, signal), blob, from.name)) {
          isBegun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        drop(blob, from);
        if (isBegun || origins.get(blob.digest)?.length === 0) throw error;
      }
    }
  }

  return {
    open,
    lose,
    add(diffID, form, from) {
      owners.set(form.blob.digest, [...(owners.get(form.blob.digest) ?? []), diffID]);
      const known = forms.get(diffID) ?? [];
      forms.set(diffID, known);
      origins.set(form.blob.digest, [...(origins.get(form.blob.digest) ?? []), from]);
      if (!known.some(({ blob }) => blob.digest === form.blob.digest)) known.push(form);
    },
    has: (diffID) => forms.has(diffID) && !lost.has(diffID),
    origin: (blob) => origins.get(blob)?.[0],
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

export interface LosingParts {
  shared: SharedLayers;
  damages: Pick<Damages, 'missing'>;
  store: Pick<ContentStore, 'open' | 'info'>;
}

/**
 * The same; a layer that a cache has and does not yield, or not as it should be, is lost, and so is one that the store no longer has.
 * Who stops reading may have come upon what is damaged: then that is found out.
 */
export function losing({ shared, damages, store }: LosingParts, openLayer: OpenLayer): OpenLayer {
  return async function* openOrLose(layer, signal) {
    let isOver = false;
    try {
      yield* openLayer(layer, signal);
      isOver = true;
    } catch (error) {
      isOver = true;
      const isGone = layer.blobs.length === 0 && (error as SlipwayError).code === 'ERR_BLOB_NOT_FOUND';
      if (!signal.aborted && shared.has(layer.diffID)) shared.lose(layer.diffID);
      else if (!signal.aborted && isGone) damages.missing(layer.diffID);
      throw error;
    } finally {
      if (!isOver && !signal.aborted) await readThrough(store, layer.diffID as string as Digest);
    }
  };
}
