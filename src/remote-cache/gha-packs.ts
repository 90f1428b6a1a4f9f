// The packs of one export: blobs go into the open one until that is full. Those in a pack whose address expires before it is
// sealed, in a long build, are sent once more.
import type { Digest } from '../oci/digest.ts';
import type { OutgoingBlob } from '../seams.ts';
import type { BlobPlace } from './gha-index.ts';
import { createGhaPack, type GhaPack } from './gha-pack.ts';
import type { CacheHttp, GhaService } from './gha-service.ts';
import { ExpiredAddress } from './gha-storage.ts';
import { createTurns } from './turns.ts';

export interface GhaConnection {
  service: GhaService;
  http: CacheHttp;
}

export interface GhaPacks {
  add(blob: OutgoingBlob, signal: AbortSignal): Promise<void>;
  /** Waits for all that are being added: then they have their places. What fails once fails for good. */
  seal(signal: AbortSignal): Promise<void>;
  /** Where those are that were added and sealed. */
  readonly places: ReadonlyMap<Digest, BlobPlace>;
}

interface OpenPack {
  pack: GhaPack;
  adding: Set<Promise<void>>;
}

/** Bytes: then the next pack begins. */
const fullPack = 512 << 20;
/** Blobs, or blocks of large ones, that are held at once. */
const parallelism = 4;

/** @param prefix stands before the keys of packs */
export function createGhaPacks(connect: () => Promise<GhaConnection>, prefix: string): GhaPacks {
  const inTurn = createTurns(parallelism);
  let open: OpenPack | undefined;
  let unsealed: OpenPack[] = [];
  const places = new Map<Digest, BlobPlace>();
  /** Several exports may share the packs: each waits for what the others have sealed. */
  let sealed = Promise.resolve();

  function begin({ service, http }: GhaConnection): OpenPack {
    if (open && open.pack.size < fullPack) return open;
    open = { pack: createGhaPack({ service, http, prefix, inTurn }), adding: new Set() };
    unsealed.push(open);
    return open;
  }

  async function addOnce(blob: OutgoingBlob, signal: AbortSignal): Promise<void> {
    const into = begin(await connect());
    const adding = into.pack.add(blob, signal);
    into.adding.add(adding);
    try {
      await adding;
    } catch (error) {
      if (error instanceof ExpiredAddress && open === into) open = undefined;
      throw error;
    } finally {
      into.adding.delete(adding);
    }
  }

  async function add(blob: OutgoingBlob, signal: AbortSignal): Promise<void> {
    try {
      await addOnce(blob, signal);
    } catch (error) {
      if (!(error instanceof ExpiredAddress)) throw error;
      await addOnce(blob, signal);
    }
  }

  async function seal(signal: AbortSignal, isLast = false): Promise<void> {
    const sealing = unsealed;
    unsealed = [];
    open = undefined;
    const expired: OutgoingBlob[] = [];
    for (const { pack, adding } of sealing) {
      await Promise.allSettled(adding);
      try {
        for (const [digest, place] of await pack.seal(signal)) places.set(digest, place);
      } catch (error) {
        if (!(error instanceof ExpiredAddress) || isLast) throw error;
        expired.push(...pack.blobs);
      }
    }
    if (expired.length === 0) return;
    for (const blob of expired) await add(blob, signal);
    await seal(signal, true);
  }

  return {
    add,
    places,
    async seal(signal) {
      sealed = sealed.then(() => seal(signal));
      await sealed;
    },
  };
}
