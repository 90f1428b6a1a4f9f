// Steps that follow a step whose changes are still being stored: they begin on its files, where no record can be for them.
import type { Vertex } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { CacheIndex } from '../seams.ts';
import type { CacheKey, Op } from './op.ts';

/** A result that has files already, and is to get its identity. */
export interface LiveResult<R> {
  result: R;
  /** The result with its identity. Its records are written after those that follow have said what they are about to make. */
  identified: Promise<R>;
  /** What is waited for then; undefined once it is too late to follow. */
  followers: Promise<unknown>[] | undefined;
}

/** The other end of a live result. */
export interface LiveSource<R> {
  live: LiveResult<R>;
  /** Tells what it is, and waits for those that follow; returns how many they are. */
  identify(result: R): Promise<number>;
  fail(error: unknown): void;
}

export function createLiveSource<R>(result: R): LiveSource<R> {
  let resolve!: (result: R) => void;
  let reject!: (error: unknown) => void;
  const identified = new Promise<R>((onIdentified, onFailed) => {
    resolve = onIdentified;
    reject = onFailed;
  });
  identified.catch(() => {});
  const live: LiveResult<R> = { result, identified, followers: [] };
  return {
    live,
    async identify(known) {
      const followers = live.followers ?? [];
      live.followers = undefined;
      resolve(known);
      await Promise.allSettled(followers);
      return followers.length;
    },
    fail(error) {
      live.followers = undefined;
      reject(error);
    },
  };
}

/** What a step is found by, once its inputs have identities. */
export interface Known<R> {
  inputs: (R | undefined)[];
  keys: readonly CacheKey[];
}

export interface Ahead<R> {
  /** With the live result as the first. */
  inputs: (R | undefined)[];
  known: Promise<Known<R>>;
  /** Aborted where the step before can't be stored. */
  stop: AbortSignal;
  /** Lets other processes look for the step's record. */
  release(): void;
}

export interface AheadParts<R> {
  cache: Pick<CacheIndex, 'mayHave' | 'expect' | 'tryExclusive'>;
  vertex: Vertex;
  op: Op<R>;
  live: LiveResult<R>;
  /** All inputs but the first. */
  others: (R | undefined)[];
  signals: { run: AbortSignal; keep: AbortSignal };
}

async function keysOf<R>(op: Op<R>, inputs: (R | undefined)[], signal: AbortSignal): Promise<CacheKey[]> {
  const keys: CacheKey[] = [];
  for await (const key of op.keys(inputs, signal)) keys.push(key);
  return keys;
}

/** What says that records under the keys are on their way. */
export function announced(keys: readonly CacheKey[]): Digest[] {
  return keys.flatMap(({ partial, unread }) => [partial, unread]).filter((one) => one !== undefined);
}

/** Undefined where the step has to wait: because there may be a record for it, or because its keys can't tell. */
export async function stepAhead<R>(parts: AheadParts<R>): Promise<Ahead<R> | undefined> {
  const { cache, vertex, op, live, others, signals } = parts;
  const inputs = [live.result, ...others];
  const keys = await keysOf(op, inputs, signals.run);
  if (keys.length === 0) return undefined;
  for (const { partial } of keys) {
    if (partial === undefined) return undefined;
    if (!vertex.ignoreCache && (await cache.mayHave(partial))) return undefined;
  }
  // Others that come to the same step wait from now on.
  await cache.expect(announced(keys));
  if (!live.followers) return undefined;
  const stop = new AbortController();
  let lock: Disposable | undefined;
  let isReleased = false;
  const known = live.identified.then(async (first) => {
    const final = [first, ...others];
    const keys = await keysOf(op, final, signals.keep);
    // Where somebody else is at it, both do the same work.
    if (!isReleased) lock = cache.tryExclusive(keys.at(-1)!.digest);
    return { inputs: final, keys };
  });
  known.catch((error: unknown) => stop.abort(error));
  live.followers.push(known);
  return {
    inputs,
    known,
    stop: stop.signal,
    release() {
      isReleased = true;
      lock?.[Symbol.dispose]();
    },
  };
}
