// Which stored forms a layer has: so that nothing is compressed, or fetched, a second time.
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { withLock } from '../fs/lock.ts';
import { tryWrite } from '../fs/try-write.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, hexOf } from '../oci/digest.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createStoreRoot } from './store-root.ts';

export interface LayerForms {
  /** Bytes of the uncompressed tar. */
  size?: number;
  /** Blobs that hold the layer, in the order in which they became known. They may have been removed since. */
  blobs: Descriptor[];
  /**
   * What was made of the layer, by how: `gzip 6` names one of the blobs; `epoch 1700000000`, `squash sha256:…` and, of what is
   * no eStargz itself, `estargz 6` the diffID of another layer.
   */
  made?: Record<string, string>;
  /** What its tar was searched for and does not hold, as marks that say nothing to who does not know it; the oldest first. */
  searched?: string[];
}

/** What to add to what is known. */
export type LayerForm = {
  size?: number | undefined;
  blob?: Descriptor | undefined;
  made?: Record<string, string> | undefined;
  searched?: readonly string[] | undefined;
};

export interface LayerIndex {
  /** Empty where nothing is known. */
  forms(diffID: DiffID): Promise<LayerForms>;
  /** Adds what was not known; idempotent. A size that is known stays; of what was made the newest stays, and 32 at most, as of marks the newest 64. */
  add(diffID: DiffID, form: LayerForm): Promise<void>;
}

/**
 * The files below `root/layers-v1`, one for each diffID. Only add what was verified. The uncompressed tar itself is a blob
 * whose digest is the diffID, and is not listed here.
 */
export function createLayerIndex(root: string): LayerIndex {
  const layout = createStoreRoot(root);
  const pathOf = (diffID: DiffID) => join(layout.layers, `${hexOf(diffID)}.json`);

  function known(diffID: DiffID): LayerForms {
    const [line] = readChecked(pathOf(diffID)) ?? [];
    const found = line === undefined ? undefined : (JSON.parse(line) as LayerForms & { diffID: DiffID });
    if (found?.diffID !== diffID || !Array.isArray(found.blobs)) return { blobs: [] };
    return {
      ...(found.size === undefined ? {} : { size: found.size }),
      blobs: found.blobs,
      ...(found.made === undefined ? {} : { made: found.made }),
      ...(found.searched === undefined ? {} : { searched: found.searched }),
    };
  }

  const encode = (diffID: DiffID, forms: LayerForms): Buffer => encodeChecked([{ diffID, ...forms }]);

  /** Writes what is the first to be known of a layer. Torn by a kill, it is absent. */
  function writeFirst(diffID: DiffID, forms: LayerForms): boolean {
    try {
      return tryWrite(pathOf(diffID), encode(diffID, forms));
    } catch (error) {
      throw diskError(error, 'keeping what is known of a layer');
    }
  }

  return {
    async forms(diffID) {
      layout.check();
      return known(diffID);
    },
    async add(diffID, form) {
      layout.check();
      const first = merge(known(diffID), form);
      if (!first) return;
      layout.prepare();
      if (writeFirst(diffID, first)) return;
      const lock = join(layout.locks, `layer-${hexOf(diffID)}`);
      await withLock(lock, neverAborted, async () => {
        const merged = merge(known(diffID), form);
        if (!merged) return;
        try {
          await writeFileAtomic(pathOf(diffID), encode(diffID, merged), {
            tmp: layout.tmp,
            fsync: false,
          });
        } catch (error) {
          throw diskError(error, 'keeping what is known of a layer');
        }
      });
    },
  };
}

/** A lock around a single small write is not worth a signal. */
const neverAborted = new AbortController().signal;

const mostMade = 32;
const mostSearched = 64;

/** Undefined where nothing is new. */
function merge(known: LayerForms, form: LayerForm): LayerForms | undefined {
  const { blob } = form;
  const size = known.size ?? form.size;
  const isNew = blob !== undefined && !known.blobs.some((other) => other.digest === blob.digest);
  const news = Object.entries(form.made ?? {}).filter(([how, what]) => known.made?.[how] !== what);
  const marks = [...new Set([...(known.searched ?? []), ...(form.searched ?? [])])];
  const isSearched = marks.length > (known.searched?.length ?? 0);
  if (!isNew && size === known.size && news.length === 0 && !isSearched) return undefined;
  const old = Object.entries(known.made ?? {}).filter(([how]) => !news.some(([other]) => other === how));
  const made = [...old, ...news].slice(-mostMade);
  return {
    ...(size === undefined ? {} : { size }),
    blobs: isNew ? [...known.blobs, blob] : known.blobs,
    ...(made.length === 0 ? {} : { made: Object.fromEntries(made) }),
    ...(marks.length === 0 ? {} : { searched: marks.slice(-mostSearched) }),
  };
}
