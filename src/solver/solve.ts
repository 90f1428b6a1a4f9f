// key -> hit? load : run -> record. Knows vertices and keys, not containers: what a vertex does is an Op.
import { RunError, type SlipwayError, withPlace, withSuggestion } from '../errors.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { CacheRecord } from '../seams.ts';
import { type Span, type SpanArgs, traced } from '../trace.ts';
import { type Ahead, createLiveSource, type Known, type LiveResult, stepAhead } from './live-step.ts';
import type {
  CacheKey,
  Op,
  Outcome,
  Ran,
  Solver,
  SolverOptions,
  SolveStatistics,
  StepReport,
  Unread,
} from './op.ts';
import { createSlots } from './slots.ts';
import { type Attempt, createStepRecords, type Told } from './step-records.ts';

export type { CacheKey, Op, Outcome, Ran, Solver, StepReport, Unread } from './op.ts';

/** What a try at a vertex came to. */
interface Found<R> {
  result: R;
  record: CacheRecord | undefined;
  cached: boolean;
}

interface Signals {
  /** For what runs: it stops when another step fails. */
  run: AbortSignal;
  /** For storing what a step has made: only the caller stops that. */
  keep: AbortSignal;
}

interface Solving<R> {
  result: Promise<R>;
  /** Settled when the step has ended or failed; undefined where nothing comes before the result. */
  live: Promise<LiveResult<R> | undefined>;
}

/** How a step that has begun tells of itself. */
interface Teller<R> {
  live(live: LiveResult<R>): void;
  /** Its process has ended; the first call counts. */
  done(): void;
  isDone(): boolean;
}

/** So many store their changes at once; the others wait, in the order in which they ended. */
const storing = 2;

const spanArgs = ({ id, op, place }: Vertex): SpanArgs => ({
  id,
  op: op.type,
  place: place && `${place.file ?? 'Dockerfile'}:${place.range.start.line}`,
});

export function createSolver<R>(options: SolverOptions<R>): Solver<R> {
  const { cache, onEvent, now, slots } = options;
  const steps = new Map<Digest, Solving<R>>();
  const records = new Map<Digest, CacheRecord>();
  const statistics: SolveStatistics = { total: 0, cached: 0, ran: 0 };
  const counted = new Map<Digest, 'cached' | 'ran'>();
  const failed = new AbortController();
  const stepRecords = createStepRecords(options);
  const storeSlots = createSlots(storing);

  async function areComplete(inputs: (R | undefined)[]): Promise<boolean> {
    for (const input of inputs)
      if (input !== undefined && options.complete && !(await options.complete(input))) return false;
    return true;
  }

  async function start({ op, inputs }: Attempt<R>, signal: AbortSignal): Promise<Ran<R>> {
    using _slot = await slots.take(signal);
    if (op.begin) return op.begin(inputs, signal);
    const outcome = await op.run(inputs, signal);
    return {
      live: undefined,
      store: async () => outcome,
      settle: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async function store(ran: Ran<R>, signal: AbortSignal): Promise<Outcome> {
    if (!ran.live) return ran.store(signal);
    using _slot = await storeSlots.take(signal);
    return await ran.store(signal);
  }

  /** Runs a step, and writes its records once it is known what it ran on. What follows may begin when its process has ended. */
  async function run(
    attempt: Attempt<R>,
    known: Known<R> | Promise<Known<R>> | (() => Promise<Known<R>>),
    { teller, signals }: { teller: Teller<R>; signals: Signals },
  ): Promise<Found<R>> {
    const { vertex, op, told } = attempt;
    const started = now();
    const ended = (): number => {
      told.seconds = (now() - started) / 1000;
      return told.seconds;
    };
    await using ran = await start(attempt, signals.run).catch((error: unknown) => {
      ended();
      throw error;
    });
    const seconds = ended();
    const source = ran.live === undefined ? undefined : createLiveSource<R>(ran.live);
    if (source) {
      teller.done();
      teller.live(source.live);
    }
    try {
      const outcome = await store(ran, signals.keep);
      told.read = outcome.read;
      const { inputs, keys } = await (typeof known === 'function' ? known() : known);
      const finished = { vertex, op, inputs, keys, outcome, seconds };
      await ran.settle(outcome, inputs);
      const own = await stepRecords.identify(finished);
      const result = await op.load(own, inputs, signals.keep);
      const followers = (await source?.identify(result)) ?? 0;
      const kept = await stepRecords.write(finished, own);
      // What follows has seen these files, whatever somebody else has made of the same step meanwhile.
      if (kept === own || followers > 0) return { result, record: own, cached: false };
      return { result: await op.load(kept, inputs, signals.keep), record: kept, cached: false };
    } catch (error) {
      source?.fail(error);
      throw error;
    }
  }

  async function find(attempt: Attempt<R>, told: { teller: Teller<R>; signals: Signals }): Promise<Found<R>> {
    const { vertex, op, inputs } = attempt;
    const { run: signal, keep } = told.signals;
    const hit = async (keys: readonly CacheKey[], record: CacheRecord): Promise<Found<R>> => {
      await stepRecords.noteHit(vertex, keys, record);
      return { result: await op.load(record, inputs, signal), record, cached: true };
    };
    const keys: CacheKey[] = [];
    attempt.told.keys = keys;
    const unread = op.unread?.(inputs);
    const isNew = async ({ digest }: Unread): Promise<boolean> =>
      (vertex.ignoreCache || !(await cache.mayHave(digest))) && (await areComplete(inputs));
    if (unread && (await isNew(unread))) {
      const first = { ...attempt, op: { ...op, run: (_: unknown, stop: AbortSignal) => unread.run(stop) } };
      const known = async (): Promise<Known<R>> => {
        for await (const key of op.keys(inputs, keep)) keys.push(key);
        await stepRecords.announce(keys);
        return { inputs, keys };
      };
      const found = await cache.exclusive(unread.lock, signal, async () =>
        // Another build may have run it while this one waited.
        (await isNew(unread)) ? run(first, known, told) : undefined,
      );
      if (found) return found;
    }
    for await (const key of op.keys(inputs, signal)) {
      keys.push(key);
      const record = await stepRecords.good(key, attempt);
      if (record) return hit(keys, record);
    }
    const last = keys.at(-1);
    if (!last) return { result: await op.load(undefined, inputs, signal), record: undefined, cached: false };
    if (!(await areComplete(inputs)))
      throw new Error(`${vertex.name} needs files that are known by name alone`);
    return cache.exclusive(last.digest, signal, async () => {
      // Another build may have made it while this one waited.
      const made = await stepRecords.good(last, attempt);
      if (made) return hit(keys, made);
      await stepRecords.announce(keys);
      return run(attempt, { inputs, keys }, { ...told, signals: { run: signal, keep } });
    });
  }

  /** Finds or runs; where files of the inputs are needed that can't be had, the inputs are made anew first. */
  async function perform(
    attempt: Attempt<R>,
    told: { teller: Teller<R>; signals: Signals },
    ahead?: Ahead<R>,
  ): Promise<Found<R>> {
    const { vertex, inputs } = attempt;
    const { signals, teller } = told;
    const { run: signal, keep } = signals;
    const losses = options.losses?.();
    try {
      if (!ahead) return await find(attempt, told);
      ahead.known.then(
        ({ keys }) => {
          attempt.told.keys = keys;
        },
        () => {},
      );
      const either = options.eitherSignal(signal, ahead.stop);
      return await run(attempt, ahead.known, { teller, signals: { run: either, keep } });
    } catch (error) {
      signal.throwIfAborted();
      const mayBeLost = !(error instanceof RunError) && options.losses?.() !== losses;
      if (teller.isDone() || (!mayBeLost && (await areComplete(inputs)))) throw error;
      const anew = await inputsOf(vertex, true, signals);
      return perform({ ...attempt, op: options.op(vertex), inputs: anew }, told);
    } finally {
      ahead?.release();
    }
  }

  function inputsOf(vertex: Vertex, whole: boolean, signals: Signals): Promise<(R | undefined)[]> {
    const one = whole ? solveComplete : solve;
    return Promise.all(vertex.inputs.map((input) => input && one(input, signals)));
  }

  /** Where a step can begin on a root that is still being stored. */
  async function lookAhead(vertex: Vertex, op: Op<R>, signals: Signals): Promise<Ahead<R> | undefined> {
    const [root, ...rest] = vertex.inputs;
    const live = root && (await solving(root, signals).live);
    if (!live) return undefined;
    try {
      const others = await Promise.all(rest.map((input) => input && solve(input, signals)));
      if (!live.followers) return undefined;
      return await stepAhead({ cache, vertex, op, live, others, signals });
    } catch {
      // What is wrong is told by the step itself.
      return undefined;
    }
  }

  async function solveOnce(
    vertex: Vertex,
    { whole, signals, tell }: { whole: boolean; signals: Signals; tell: (live: LiveResult<R>) => void },
  ): Promise<R> {
    // Each vertex begins on a stack of its own: a chain of thousands would not fit on one.
    await undefined;
    const op = options.op(vertex);
    const given = inputsOf(vertex, whole, signals);
    const all = given.then(() => undefined);
    // No later than all inputs are there, or one has failed.
    const ahead = whole ? await all : await Promise.race([all, lookAhead(vertex, op, signals)]);
    const inputs = ahead?.inputs ?? (await given);
    signals.run.throwIfAborted();
    const { id } = vertex;
    onEvent({ type: 'started', vertex: { id, name: vertex.name, place: vertex.place }, time: now() });
    return traced(
      'step',
      vertex.name,
      (span) =>
        solveStarted(
          { vertex, op, inputs, whole, told: { keys: [], seconds: undefined } },
          { ahead, signals, tell, span },
        ),
      spanArgs(vertex),
    );
  }

  async function solveStarted(
    attempt: Attempt<R>,
    context: {
      ahead: Ahead<R> | undefined;
      signals: Signals;
      tell: (live: LiveResult<R>) => void;
      span: Span;
    },
  ): Promise<R> {
    const { vertex, told } = attempt;
    const { ahead, signals, span } = context;
    const { id } = vertex;
    let isDone = false;
    const teller: Teller<R> = {
      live: context.tell,
      done() {
        if (!isDone) onEvent({ type: 'done', id, time: now() });
        isDone = true;
      },
      isDone: () => isDone,
    };
    try {
      const { result, record, cached } = await perform(attempt, { teller, signals }, ahead);
      if (record) {
        records.set(id, record);
        count(id, cached ? 'cached' : 'ran');
        span.set({ cached, key: record.also?.[0], layer: record.diffID });
        const source = record.source === undefined ? {} : { source: record.source };
        if (cached) onEvent({ type: 'cached', id, ...source, time: now() });
      }
      teller.done();
      report(vertex, told, { how: record ? (cached ? 'cached' : 'ran') : 'loaded', record });
      return result;
    } catch (error) {
      const canceled = signals.run.aborted || ahead?.stop.aborted === true;
      const message = canceled ? undefined : ((error as SlipwayError).message ?? String(error));
      const how = canceled ? { canceled } : { error: message };
      report(vertex, told, {
        how: canceled ? 'canceled' : 'failed',
        error: canceled ? undefined : (error as SlipwayError).code,
      });
      if (!isDone) onEvent({ type: 'done', id, time: now(), ...how });
      else if (!canceled) tellUnstored(vertex, message);
      throw withSuggestion(withPlace(error, vertex.place), vertex.suggestion);
    }
  }

  function report(
    vertex: Vertex,
    told: Told,
    { how, record, error }: Pick<StepReport, 'how'> & Partial<Pick<StepReport, 'record' | 'error'>>,
  ): void {
    options.onStep?.({
      ...{ vertex, how, record, error, seconds: told.seconds },
      read: how === 'ran' ? told.read : undefined,
      get keys() {
        return told.keys;
      },
    });
  }

  /** A step that ended well, and whose changes could not be stored, is done already. */
  function tellUnstored(vertex: Vertex, error: string | undefined): void {
    const id = `${vertex.id} changes`;
    const { place } = vertex;
    onEvent({
      type: 'started',
      vertex: { id, name: `storing what ${vertex.name} made`, place },
      time: now(),
    });
    onEvent({ type: 'done', id, error, time: now() });
  }

  /** What was found first, and is run after all, counts once. */
  function count(id: Digest, how: 'cached' | 'ran'): void {
    const before = counted.get(id);
    if (before === undefined) statistics.total++;
    else statistics[before]--;
    statistics[how]++;
    counted.set(id, how);
  }

  function begin(vertex: Vertex, whole: boolean, signals: Signals): Solving<R> {
    let tell!: (live: LiveResult<R> | undefined) => void;
    const live = new Promise<LiveResult<R> | undefined>((resolve) => {
      tell = resolve;
    });
    const result = solveOnce(vertex, { whole, signals, tell });
    const isOver = (): void => tell(undefined);
    // Whoever waits for it sees the failure; nobody waiting must not end the process.
    result.then(isOver, isOver);
    const step = { result, live };
    steps.set(vertex.id, step);
    return step;
  }

  function solving(vertex: Vertex, signals: Signals): Solving<R> {
    return steps.get(vertex.id) ?? begin(vertex, false, signals);
  }

  const solve = (vertex: Vertex, signals: Signals): Promise<R> => solving(vertex, signals).result;

  /** Ends, since each turn finds one more layer that can't be had. */
  async function solveComplete(vertex: Vertex, signals: Signals): Promise<R> {
    for (;;) {
      const pending = solving(vertex, signals);
      const result = await pending.result;
      if (await areComplete([result])) return result;
      if (steps.get(vertex.id) === pending) begin(vertex, true, signals);
    }
  }

  async function orStop(work: (signals: Signals) => Promise<R>, signal: AbortSignal): Promise<R> {
    try {
      return await work({ run: options.eitherSignal(signal, failed.signal), keep: signal });
    } catch (error) {
      // Whatever else is running is stopped, and waited for, so that it cleans up; what has ended well is stored.
      failed.abort(new Error('another step failed'));
      await Promise.allSettled([...steps.values()].map(({ result }) => result));
      throw error;
    }
  }

  return {
    statistics,
    record: (vertex) => records.get(vertex.id),
    solve: (vertex, signal) => orStop((signals) => solve(vertex, signals), signal),
    solveWhole: (vertex, signal) => orStop((signals) => solveComplete(vertex, signals), signal),
  };
}
