// key -> hit? load : run -> record. Knows vertices and keys, not containers: what a vertex does is an Op.
import { type SlipwayError, withPlace, withSuggestion } from '../errors.ts';
import type { Vertex } from '../graph/vertex.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { CacheIndex, CacheRecord, KeyTree } from '../seams.ts';
import type { OnEvent } from './events.ts';
import type { Slots } from './slots.ts';

/** A way to find a step's result, and what went into it. */
export interface CacheKey {
  digest: Digest;
  tree: KeyTree;
}

/** What running a step made. */
export type Outcome = Pick<CacheRecord, 'content' | 'diffID' | 'size'>;

/** What a vertex does, on results of type R. */
export interface Op<R> {
  /** Keys, the cheapest first: a later one is asked for only when those before it missed. None: the op makes no record. */
  keys(inputs: (R | undefined)[], signal: AbortSignal): AsyncIterable<CacheKey>;
  /** Runs the step. */
  run(inputs: (R | undefined)[], signal: AbortSignal): Promise<Outcome>;
  /** The result that a record stands for; also of an op without keys, where there is no record. */
  load(record: CacheRecord | undefined, inputs: (R | undefined)[], signal: AbortSignal): Promise<R>;
  /** Identity of what lies below the step's changes: with their content it makes the result's identity. */
  below(inputs: (R | undefined)[]): string;
}

export interface SolveStatistics {
  total: number;
  cached: number;
  ran: number;
}

export interface SolverOptions<R> {
  op(vertex: Vertex): Op<R>;
  cache: CacheIndex;
  /** Whether what a record names is still there. */
  usable(record: CacheRecord): Promise<boolean>;
  /** Records of steps that ran longer ago are misses; milliseconds. Undefined: none is too old. */
  maxAge?(vertex: Vertex): number | undefined;
  slots: Slots;
  now(): number;
  onEvent: OnEvent;
  /** A signal that follows both; many steps listen to it. */
  eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal;
}

export interface Solver<R> {
  /** Equal vertices share one result. The first failure cancels the rest, also of other calls: one solver is one build. */
  solve(vertex: Vertex, signal: AbortSignal): Promise<R>;
  /** The record of a vertex that was solved; undefined for those without one. */
  record(vertex: Vertex): CacheRecord | undefined;
  statistics: SolveStatistics;
}

export function createSolver<R>(options: SolverOptions<R>): Solver<R> {
  const { cache, onEvent, now, slots } = options;
  const results = new Map<Digest, Promise<R>>();
  const records = new Map<Digest, CacheRecord>();
  const statistics: SolveStatistics = { total: 0, cached: 0, ran: 0 };
  const failed = new AbortController();

  async function isGood(record: CacheRecord, vertex: Vertex): Promise<boolean> {
    const maxAge = options.maxAge?.(vertex);
    if (maxAge !== undefined && now() - Date.parse(record.ran ?? record.created) > maxAge) return false;
    return options.usable(record);
  }

  async function goodRecord(key: CacheKey, vertex: Vertex): Promise<CacheRecord | undefined> {
    if (vertex.ignoreCache) return undefined;
    const record = await cache.lookup(key.digest);
    return record && (await isGood(record, vertex)) ? record : undefined;
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

  /** Equal content on an equal root is the same result: the layer that is known already is taken. */
  function identityKey(below: string, content: Digest): CacheKey {
    const tree = { below, content };
    return { digest: digestOf(`identity ${below} ${content}`), tree };
  }

  async function run(
    vertex: Vertex,
    op: Op<R>,
    inputs: (R | undefined)[],
    keys: CacheKey[],
    signal: AbortSignal,
  ): Promise<CacheRecord> {
    const started = now();
    const outcome = await op.run(inputs, signal);
    const seconds = (now() - started) / 1000;
    const fresh: CacheRecord = {
      ...outcome,
      created: new Date(now()).toISOString(),
      seconds,
      description: vertex.name,
      tree: keys.at(-1)!.tree,
    };
    const same = identityKey(op.below(inputs), outcome.content);
    const known = await keep(same, { ...fresh, tree: same.tree }, options.usable);
    const { diffID, size, created } = known;
    const again = created === fresh.created ? {} : { ran: fresh.created };
    const record: CacheRecord = { ...fresh, diffID, size, created, ...again };
    let kept = record;
    for (const key of keys) {
      const own = { ...record, tree: key.tree };
      kept = vertex.ignoreCache
        ? await cache.record(key.digest, own, { replace: true })
        : await keep(key, own, (other) => isGood(other, vertex));
    }
    return kept;
  }

  async function find(
    vertex: Vertex,
    op: Op<R>,
    inputs: (R | undefined)[],
    signal: AbortSignal,
  ): Promise<{ record: CacheRecord | undefined; cached: boolean }> {
    const keys: CacheKey[] = [];
    for await (const key of op.keys(inputs, signal)) {
      keys.push(key);
      const record = await goodRecord(key, vertex);
      if (!record) continue;
      for (const earlier of keys.slice(0, -1))
        await keep(earlier, { ...record, tree: earlier.tree }, (other) => isGood(other, vertex));
      return { record, cached: true };
    }
    const last = keys.at(-1);
    if (!last) return { record: undefined, cached: false };
    return cache.exclusive(last.digest, signal, async () => {
      // Another build may have made it while this one waited.
      const made = await goodRecord(last, vertex);
      if (made) return { record: made, cached: true };
      using _slot = await slots.take(signal);
      return { record: await run(vertex, op, inputs, keys, signal), cached: false };
    });
  }

  async function solveOnce(vertex: Vertex, signal: AbortSignal): Promise<R> {
    const inputs = await Promise.all(vertex.inputs.map((input) => input && solve(input, signal)));
    signal.throwIfAborted();
    const { id } = vertex;
    onEvent({ type: 'started', vertex: { id, name: vertex.name, place: vertex.place }, time: now() });
    try {
      const op = options.op(vertex);
      const { record, cached } = await find(vertex, op, inputs, signal);
      if (record) {
        records.set(id, record);
        statistics.total++;
        statistics[cached ? 'cached' : 'ran']++;
        if (cached) onEvent({ type: 'cached', id, time: now() });
      }
      const result = await op.load(record, inputs, signal);
      onEvent({ type: 'done', id, time: now() });
      return result;
    } catch (error) {
      const canceled = signal.aborted;
      const message = canceled ? undefined : ((error as SlipwayError).message ?? String(error));
      onEvent({ type: 'done', id, time: now(), ...(canceled ? { canceled } : { error: message }) });
      throw withSuggestion(withPlace(error, vertex.place), vertex.suggestion);
    }
  }

  function solve(vertex: Vertex, signal: AbortSignal): Promise<R> {
    let result = results.get(vertex.id);
    if (!result) {
      result = solveOnce(vertex, signal);
      // Whoever waits for it sees the failure; nobody waiting must not end the process.
      result.catch(() => {});
      results.set(vertex.id, result);
    }
    return result;
  }

  return {
    statistics,
    record: (vertex) => records.get(vertex.id),
    async solve(vertex, signal) {
      try {
        return await solve(vertex, options.eitherSignal(signal, failed.signal));
      } catch (error) {
        // Whatever else is running is stopped, and waited for, so that it cleans up.
        failed.abort(new Error('another step failed'));
        await Promise.allSettled(results.values());
        throw error;
      }
    },
  };
}
