// Records of steps: which of them are good, and how those of a step that ran are written.
import type { Vertex } from '../graph/vertex.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { CacheRecord } from '../seams.ts';
import { announced } from './live-step.ts';
import type { CacheKey, Op, Outcome, SolverOptions } from './op.ts';

/** One try at a vertex. `whole`: its files must be such as can be had. */
export interface Attempt<R> {
  vertex: Vertex;
  op: Op<R>;
  inputs: (R | undefined)[];
  whole: boolean;
  told: Told;
}

/** What is known of a step by now. */
export interface Told {
  /** Keys that were asked for. */
  keys: readonly CacheKey[];
  /** How long it ran. */
  seconds: number | undefined;
  /** Bytes of its sources' files that it read, where it ran and that is known. */
  read?: number | undefined;
}

/** A step that ran, with its keys and what they were made of. */
export interface Finished<R> extends Pick<Attempt<R>, 'vertex' | 'op' | 'inputs'> {
  keys: readonly CacheKey[];
  outcome: Outcome;
  /** How long it ran. */
  seconds: number;
}

export interface StepRecords<R> {
  /** With `whole`, only one whose layer can be had. */
  good(key: CacheKey, attempt: Pick<Attempt<R>, 'vertex' | 'whole'>): Promise<CacheRecord | undefined>;
  /** A hit is noted under the keys that were asked for before, and here where it was found elsewhere. */
  noteHit(vertex: Vertex, keys: readonly CacheKey[], record: CacheRecord): Promise<void>;
  /** Says that records under these keys are on their way. */
  announce(keys: readonly CacheKey[]): Promise<void>;
  /** What a step made, or the same that was made before: its record is then under no key yet. */
  identify(finished: Finished<R>): Promise<CacheRecord>;
  /** Writes the record under the step's keys; returns the one that is found there from now on. */
  write(finished: Finished<R>, record: CacheRecord): Promise<CacheRecord>;
}

/** Equal content on an equal root is the same result: the layer that is known already is taken. */
function identityKey(below: string, content: Digest): CacheKey {
  const tree = { below, content };
  return { digest: digestOf(`identity ${below} ${content}`), tree };
}

export function createStepRecords<R>(options: SolverOptions<R>): StepRecords<R> {
  const { cache, now } = options;

  function isYoung(record: CacheRecord, vertex: Vertex): boolean {
    const maxAge = options.maxAge?.(vertex);
    return maxAge === undefined || now() - Date.parse(record.ran ?? record.created) <= maxAge;
  }

  async function isGood(record: CacheRecord, vertex: Vertex): Promise<boolean> {
    return isYoung(record, vertex) && options.usable(record);
  }

  /** Writes a record, unless one that is as good is there. */
  async function keep(
    key: CacheKey,
    record: CacheRecord,
    isAsGood: (kept: CacheRecord) => Promise<boolean>,
  ): Promise<CacheRecord> {
    const kept = await cache.record(key.digest, record);
    if (kept === record || (await isAsGood(kept))) return kept;
    return cache.record(key.digest, record, { replace: true });
  }

  async function announce(keys: readonly CacheKey[]): Promise<void> {
    const partials = announced(keys);
    if (partials.length > 0) await cache.expect(partials);
  }

  const identityOf = ({ op, inputs, outcome }: Finished<R>): CacheKey =>
    identityKey(op.below(inputs), outcome.content);

  return {
    announce,
    async good(key, { vertex, whole }) {
      if (vertex.ignoreCache) return undefined;
      const record = await cache.lookup(key.digest);
      if (!record) return undefined;
      if (!isYoung(record, vertex)) {
        options.onExpired?.(vertex, record.ran ?? record.created);
        return undefined;
      }
      if (await options.usable(record)) return record;
      return !whole && options.known?.(record) ? record : undefined;
    },
    async noteHit(vertex, keys, record) {
      const isWhole = record.source === undefined || (await options.usable(record));
      const missed = record.source === undefined ? keys.slice(0, -1) : keys;
      const written = isWhole ? missed : [];
      const description = record.description || vertex.name;
      await announce(written);
      for (const key of written)
        await keep(key, { ...record, description, tree: key.tree }, (other) => isGood(other, vertex));
      options.onRecord?.(vertex, keys, record);
    },
    async identify(finished) {
      const { vertex, keys, outcome, seconds } = finished;
      const fresh: CacheRecord = {
        ...{ content: outcome.content, diffID: outcome.diffID, size: outcome.size },
        created: new Date(now()).toISOString(),
        seconds,
        description: vertex.name,
        tree: keys.at(-1)!.tree,
      };
      const same = identityOf(finished);
      const also = [...keys.map(({ digest }) => digest), same.digest];
      const known = await keep(same, { ...fresh, also, tree: same.tree }, options.usable);
      const { diffID, size, created } = known;
      const again = created === fresh.created ? {} : { ran: fresh.created };
      return { ...fresh, diffID, size, created, ...again, also };
    },
    async write(finished, record) {
      const { vertex, keys } = finished;
      let kept = record;
      for (const key of keys) {
        const own = { ...record, tree: key.tree };
        const found = vertex.ignoreCache
          ? await cache.record(key.digest, own, { replace: true })
          : await keep(key, own, (other) => isGood(other, vertex));
        kept = found === own ? record : found;
      }
      options.onRecord?.(vertex, [...keys, identityOf(finished)], kept);
      return kept;
    },
  };
}
