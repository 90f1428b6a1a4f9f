// What is stored and proves damaged while a build reads it: told in one line, and lost, so that the same build makes or fetches it anew.
import type { DiffID, Digest } from '../oci/digest.ts';
import type { ContentStore } from '../seams.ts';
import type { LayerIndex } from '../store/layer-index.ts';

export interface Damages {
  /** A stored blob, which was removed, is not what its name says. The second time that tells of the disk, and nothing is tried again. */
  blob(digest: Digest): void;
  /**
   * Where anything proved damaged, nothing is believed unread: reads the tar of a layer, once, where it is stored. One that is
   * mounted shows what is damaged without a word.
   */
  search(diffID: DiffID, store: Pick<ContentStore, 'info' | 'open'>): Promise<void>;
  /** No form of a layer is there that was there before. */
  missing(diffID: DiffID): void;
  /** The record of a step is there, and is not as it was written. */
  record(key: Digest): void;
  /** Files that a layer was unpacked to, or its index, can't be used. */
  snapshot(diffID: DiffID): void;
  /** Who made a layer: `[build 2/4] RUN make`, or the name of an image. */
  name(diffID: DiffID, maker: string): void;
  /** A step runs that was asked for under these keys. */
  ran(step: string, keys: readonly { digest: Digest }[]): void;
  /** The same index; what it tells is heeded. */
  index(layers: LayerIndex): LayerIndex;
  listen(tell: (message: string) => void): void;
}

/** @param lose of a layer, which is no longer to be had as it was. */
export function createDamages(lose: (diffID: DiffID) => void): Damages {
  const makers = new Map<DiffID, string>();
  /** Of compressed forms. */
  const owners = new Map<Digest, DiffID>();
  const seen = new Set<string>();
  const records = new Set<Digest>();
  const searched = new Set<Digest>();
  let isSuspicious = false;
  let tell: (message: string) => void = () => {};

  const isNew = (what: string): boolean => seen.size < seen.add(what).size;

  function layerOf(diffID: DiffID): string {
    const maker = makers.get(diffID);
    return maker === undefined ? `the layer ${diffID}` : `a layer of ${maker}`;
  }

  return {
    blob(digest) {
      isSuspicious = true;
      if (!isNew(digest)) return;
      const owner = owners.get(digest);
      const diffID = owner ?? (digest as string as DiffID);
      const what = owner || makers.has(diffID) ? layerOf(diffID) : 'a document';
      tell(`${what} was damaged in the store (${digest}): it is dropped, and had anew where it is needed`);
      lose(diffID);
    },
    async search(diffID, store) {
      const digest = diffID as string as Digest;
      if (!isSuspicious || searched.has(digest)) return;
      searched.add(digest);
      await readThrough(store, digest);
    },
    missing(diffID) {
      if (!isNew(`missing ${diffID}`)) return;
      tell(`${layerOf(diffID)} is missing in the store (${diffID}): it is had anew`);
      lose(diffID);
    },
    record(key) {
      records.add(key);
    },
    snapshot(diffID) {
      if (!isNew(`files ${diffID}`)) return;
      tell(`the files of ${layerOf(diffID)} were damaged (${diffID}): they are made anew`);
    },
    name(diffID, maker) {
      makers.set(diffID, maker);
    },
    ran(step, keys) {
      if (records.size === 0 || !keys.some(({ digest }) => records.has(digest))) return;
      tell(`the record of ${step} was damaged: the step was run again`);
    },
    index: (layers) => ({
      async forms(diffID) {
        const known = await layers.forms(diffID);
        for (const { digest } of known.blobs) owners.set(digest, diffID);
        return known;
      },
      async add(diffID, form) {
        if (form.blob) owners.set(form.blob.digest, diffID);
        await layers.add(diffID, form);
      },
    }),
    listen(listener) {
      tell = listener;
    },
  };
}

/** The store tells of what proves damaged, and removes it. */
export async function readThrough(store: Pick<ContentStore, 'info' | 'open'>, digest: Digest): Promise<void> {
  try {
    if (await store.info(digest)) for await (const _ of store.open(digest));
  } catch {
    // Who needs it is told.
  }
}
