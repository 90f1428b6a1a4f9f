// key -> hit? load : run -> record. Knows vertices and keys, not containers: what a vertex does is an Op.
import { type SlipwayError, withPlace, withSuggestion } from '../errors.ts';
import type { Vertex } from '../graph/vertex.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { CacheRecord } from '../seams.ts';
import { type Span, type SpanArgs, traced } from '../trace.ts';
import type { CacheKey, Op, Solver, SolverOptions, SolveStatistics } from './op.ts';

export type { CacheKey, Op, Outcome, Solver } from './op.ts';

/** One try at a vertex. `whole`: its files must be such as can be had. */
interface Attempt<R> {
  vertex: Vertex;
  op: Op<R>;
  inputs: (R | undefined)[];
  whole: boolean;
}

interface Found {
  record: CacheRecord | undefined;
  cached: boolean;
}

const spanArgs = ({ id, op, place }: Vertex): SpanArgs => ({
  id,
  op: op.type,
  place: place && `${place.file ?? 'Dockerfile'}:${place.range.start.line}`,
});

export function createSolver<R>(options: SolverOptions<R>): Solver<R> {
  const { cache, onEvent, now, slots } = options;
  const results = new Map<Digest, Promise<R>>();
  const records = new Map<Digest, CacheRecord>();
  const statistics: SolveStatistics = { total: 0, cached: 0, ran: 0 };
  const counted = new Map<Digest, 'cached' | 'ran'>();
  const failed = new AbortController();

  function isYoung(record: CacheRecord, vertex: Vertex): boolean {
    const maxAge = options.maxAge?.(vertex);
    return maxAge === undefined || now() - Date.parse(record.ran ?? record.created) <= maxAge;
  }

  async function isGood(record: CacheRecord, vertex: Vertex): Promise<boolean> {
    return isYoung(record, vertex) && options.usable(record);
  }

  /** With `whole`, only one whose layer can be had. */
  async function goodRecord(
    key: CacheKey,
    { vertex, whole }: Pick<Attempt<R>, 'vertex' | 'whole'>,
  ): Promise<CacheRecord | undefined> {
    if (vertex.ignoreCache) return undefined;
    const record = await cache.lookup(key.digest);
    if (!record || !isYoung(record, vertex)) return undefined;
    if (await options.usable(record)) return record;
    return !whole && options.known?.(record) ? record : undefined;
  }

  async function areComplete(inputs: (R | undefined)[]): Promise<boolean> {
    for (const input of inputs)
      if (input !== undefined && options.complete && !(await options.complete(input))) return false;
    return true;
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
    { vertex, op, inputs }: Attempt<R>,
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
    const also = [...keys.map(({ digest }) => digest), same.digest];
    const known = await keep(same, { ...fresh, also, tree: same.tree }, options.usable);
    const { diffID, size, created } = known;
    const again = created === fresh.created ? {} : { ran: fresh.created };
    const record: CacheRecord = { ...fresh, diffID, size, created, ...again, also };
    let kept = record;
    for (const key of keys) {
      const own = { ...record, tree: key.tree };
      kept = vertex.ignoreCache
        ? await cache.record(key.digest, own, { replace: true })
        : await keep(key, own, (other) => isGood(other, vertex));
    }
    options.onRecord?.(vertex, [...keys, same], kept);
    return kept;
  }

  /** A hit is noted under the keys that were asked for before, and here where it was found elsewhere. */
  async function noteHit({ vertex }: Attempt<R>, keys: CacheKey[], record: CacheRecord): Promise<void> {
    const isWhole = record.source === undefined || (await options.usable(record));
    const missed = record.source === undefined ? keys.slice(0, -1) : keys;
    const description = record.description || vertex.name;
    for (const key of isWhole ? missed : [])
      await keep(key, { ...record, description, tree: key.tree }, (other) => isGood(other, vertex));
    options.onRecord?.(vertex, keys, record);
  }

  async function find(attempt: Attempt<R>, signal: AbortSignal): Promise<Found> {
    const { vertex, op, inputs } = attempt;
    const keys: CacheKey[] = [];
    for await (const key of op.keys(inputs, signal)) {
      keys.push(key);
      const record = await goodRecord(key, attempt);
      if (!record) continue;
      await noteHit(attempt, keys, record);
      return { record, cached: true };
    }
    const last = keys.at(-1);
    if (!last) return { record: undefined, cached: false };
    if (!(await areComplete(inputs)))
      throw new Error(`${vertex.name} needs files that are known by name alone`);
    return cache.exclusive(last.digest, signal, async () => {
      // Another build may have made it while this one waited.
      const made = await goodRecord(last, attempt);
      if (made) {
        await noteHit(attempt, keys, made);
        return { record: made, cached: true };
      }
      using _slot = await slots.take(signal);
      return { record: await run(attempt, keys, signal), cached: false };
    });
  }

  /** Finds or runs; where files of the inputs are needed that can't be had, the inputs are made anew first. */
  async function perform(
    vertex: Vertex,
    inputs: (R | undefined)[],
    whole: boolean,
    signal: AbortSignal,
  ): Promise<Found & Attempt<R>> {
    const attempt: Attempt<R> = { vertex, op: options.op(vertex), inputs, whole };
    try {
      return { ...(await find(attempt, signal)), ...attempt };
    } catch (error) {
      signal.throwIfAborted();
      if (await areComplete(inputs)) throw error;
      return perform(vertex, await inputsOf(vertex, true, signal), whole, signal);
    }
  }

  function inputsOf(vertex: Vertex, whole: boolean, signal: AbortSignal): Promise<(R | undefined)[]> {
    const one = whole ? solveComplete : solve;
    return Promise.all(vertex.inputs.map((input) => input && one(input, signal)));
  }

  async function solveOnce(vertex: Vertex, whole: boolean, signal: AbortSignal): Promise<R> {
    const given = await inputsOf(vertex, whole, signal);
    signal.throwIfAborted();
    const { id } = vertex;
    onEvent({ type: 'started', vertex: { id, name: vertex.name, place: vertex.place }, time: now() });
    return traced(
      'step',
      vertex.name,
      (span) => solveStarted({ vertex, given, whole, span }, signal),
      spanArgs(vertex),
    );
  }

  async function solveStarted(
    { vertex, given, whole, span }: { vertex: Vertex; given: (R | undefined)[]; whole: boolean; span: Span },
    signal: AbortSignal,
  ): Promise<R> {
    const { id } = vertex;
    try {
      const { record, cached, op, inputs } = await perform(vertex, given, whole, signal);
      if (record) {
        records.set(id, record);
        count(id, cached ? 'cached' : 'ran');
        span.set({ cached, key: record.also?.[0], layer: record.diffID });
        const source = record.source === undefined ? {} : { source: record.source };
        if (cached) onEvent({ type: 'cached', id, ...source, time: now() });
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

  /** What was found first, and is run after all, counts once. */
  function count(id: Digest, how: 'cached' | 'ran'): void {
    const before = counted.get(id);
    if (before === undefined) statistics.total++;
    else statistics[before]--;
    statistics[how]++;
    counted.set(id, how);
  }

  function begin(vertex: Vertex, whole: boolean, signal: AbortSignal): Promise<R> {
    const result = solveOnce(vertex, whole, signal);
    // Whoever waits for it sees the failure; nobody waiting must not end the process.
    result.catch(() => {});
    results.set(vertex.id, result);
    return result;
  }

  function solve(vertex: Vertex, signal: AbortSignal): Promise<R> {
    return results.get(vertex.id) ?? begin(vertex, false, signal);
  }

  /** Ends, since each turn finds one more layer that can't be had. */
  async function solveComplete(vertex: Vertex, signal: AbortSignal): Promise<R> {
    for (;;) {
      const pending = solve(vertex, signal);
      const result = await pending;
      if (await areComplete([result])) return result;
      if (results.get(vertex.id) === pending) begin(vertex, true, signal);
    }
  }

  async function orStop(work: (signal: AbortSignal) => Promise<R>, signal: AbortSignal): Promise<R> {
    try {
      return await work(options.eitherSignal(signal, failed.signal));
    } catch (error) {
      // Whatever else is running is stopped, and waited for, so that it cleans up.
      failed.abort(new Error('another step failed'));
      await Promise.allSettled(results.values());
      throw error;
    }
  }

  return {
    statistics,
    record: (vertex) => records.get(vertex.id),
    solve: (vertex, signal) => orStop((either) => solve(vertex, either), signal),
    solveWhole: (vertex, signal) => orStop((either) => solveComplete(vertex, either), signal),
  };
}
