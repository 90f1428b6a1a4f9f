// A graph of fake steps that count what is asked of them, and a solver on it: no files, no clock, no processes.
import { makeVertex } from '../../src/graph/make-vertex.ts';
import type { Vertex } from '../../src/graph/vertex.ts';
import { type DiffID, type Digest, digestOf } from '../../src/oci/digest.ts';
import type { CacheRecord } from '../../src/seams.ts';
import type { BuildEvent } from '../../src/solver/events.ts';
import { createSlots } from '../../src/solver/slots.ts';
import {
  type CacheKey,
  createSolver,
  type Op,
  type Outcome,
  type Ran,
  type Solver,
  type StepReport,
} from '../../src/solver/solve.ts';
import { createMemoryCacheIndex, type MemoryCacheIndex } from '../support/memory-cache-index.ts';

const place = { range: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } };

/** A step called `name`; its name is all that it is. */
export function step(name: string, inputs: (Vertex | undefined)[] = [], ignoreCache = false): Vertex {
  const op = { type: 'context' as const, name };
  return makeVertex({ op, inputs, name, place, ignoreCache });
}

/** `partial`: what the text is without the first input. */
export function key(text: string, partial?: string): CacheKey {
  return {
    digest: digestOf(`key ${text}`),
    tree: { text },
    ...(partial === undefined ? {} : { partial: digestOf(`partial ${partial}`) }),
  };
}

/** A result is the identities below it, and what was made on top. */
export type Result = string;

export interface Behaviour {
  /** Texts of the keys, from the identities of the inputs; the default is one of name and inputs. */
  keys?(inputs: Result[]): string[];
  /** What the run makes: equal texts are equal content. */
  content?: string | ((inputs: Result[]) => string);
  /** Bytes that the run says it read. */
  read?: number;
  /** Waited for in the run. */
  wait?(signal: AbortSignal): Promise<void>;
  /** No keys and nothing to run. */
  source?: boolean;
  /** What is known without reading what it reads: with this it may run before its keys are asked for. */
  unread?: string;
  /** Ends before what it made is stored, which waits for this. */
  store?(signal: AbortSignal): Promise<void>;
}

export interface Bench {
  cache: MemoryCacheIndex;
  events: BuildEvent[];
  /** Runs by name, in order. */
  runs: string[];
  /** Results on which runs began, by name: `live …` where they had no identity yet. */
  began: Record<string, Result[]>;
  /** Keys that were asked for, as `name text`. */
  asked: string[];
  loads: string[];
  /** Steps whose changes are stored. */
  stored: string[];
  /** What was told of steps when they had ended. */
  reports: StepReport[];
  /** The inputs as steps were told of them in the end. */
  settled: Record<string, Result[]>;
  disposed: string[];
  /** DiffIDs of layers that are gone. */
  gone: Set<string>;
  /** How many ran at once, at most. */
  most: number;
  solver: Solver<Result>;
  /** Another build on the same cache. */
  another(changes?: Pick<BenchOptions, 'maxAge'>): Bench;
}

export interface BenchOptions {
  cache?: MemoryCacheIndex;
  parallel?: number;
  gone?: Set<string>;
  /** Of every record, in milliseconds. */
  maxAge?: number;
  /** Moves on by itself, a millisecond with each look. */
  clock?: { time: number };
}

let layers = 0;

export function bench(behaviours: Record<string, Behaviour> = {}, options: BenchOptions = {}): Bench {
  const cache = options.cache ?? createMemoryCacheIndex();
  const gone = options.gone ?? new Set<string>();
  const events: BuildEvent[] = [];
  const clock = options.clock ?? { time: 0 };
  /** Contents of records that were found by their identity alone. */
  const missing = new Set<string>();
  const nameOf = (content: Digest): string => content.slice(7, 13);
  let running = 0;

  function op(vertex: Vertex): Op<Result> {
    const { name } = vertex;
    const behaviour = behaviours[name] ?? {};
    const known = (inputs: (Result | undefined)[]): Result[] => inputs.map((input) => input ?? 'scratch');
    return {
      async *keys(inputs) {
        if (behaviour.source) return;
        for (const text of behaviour.keys?.(known(inputs)) ?? [`${name}(${known(inputs).join(' ')})`]) {
          self.asked.push(`${name} ${text}`);
          const [, ...others] = known(inputs);
          const own = key(text, behaviour.store ? `${name}(${others.join(' ')})` : undefined);
          yield behaviour.unread === undefined ? own : { ...own, unread: digestOf(behaviour.unread) };
        }
      },
      ...(behaviour.unread !== undefined && {
        unread: (inputs: (Result | undefined)[]) => ({
          digest: digestOf(behaviour.unread!),
          lock: behaviour.unread!,
          run: (signal: AbortSignal) => run(inputs, signal),
        }),
      }),
      ...(behaviour.store && {
        async begin(inputs: (Result | undefined)[], signal: AbortSignal): Promise<Ran<Result>> {
          const outcome = await run(inputs, signal);
          return {
            live: `live ${name}`,
            async store(keep) {
              await behaviour.store!(keep);
              self.stored.push(name);
              return outcome;
            },
            async settle(_outcome, settled) {
              self.settled[name] = known(settled);
            },
            async [Symbol.asyncDispose]() {
              self.disposed.push(name);
            },
          };
        },
      }),
      run,
      async load(record, inputs) {
        self.loads.push(name);
        return `${below(inputs)}/${record ? nameOf(record.content) : name}`;
      },
      below,
    };

    async function run(inputs: (Result | undefined)[], signal: AbortSignal): Promise<Outcome> {
      self.runs.push(name);
      self.began[name] = known(inputs);
      running++;
      self.most = Math.max(self.most, running);
      try {
        await behaviour.wait?.(signal);
      } finally {
        running--;
      }
      const { content = name } = behaviour;
      const made = typeof content === 'string' ? content : content(known(inputs));
      missing.delete(nameOf(digestOf(made)));
      return {
        content: digestOf(made),
        diffID: digestOf(`layer ${++layers}`) as string as DiffID,
        size: 1,
        ...(behaviour.read === undefined ? {} : { read: behaviour.read }),
      };
    }
  }
  const below = (inputs: (Result | undefined)[]): string => inputs[0] ?? 'scratch';

  const self: Bench = {
    cache,
    events,
    runs: [],
    began: {},
    stored: [],
    reports: [],
    settled: {},
    disposed: [],
    asked: [],
    loads: [],
    gone,
    most: 0,
    solver: createSolver<Result>({
      op,
      cache,
      usable: async (record: CacheRecord) => !gone.has(record.diffID),
      known(record) {
        if (record.source !== undefined) missing.add(nameOf(record.content));
        return record.source !== undefined;
      },
      complete: async (result) => !result.split('/').some((content) => missing.has(content)),
      slots: createSlots(options.parallel ?? 4),
      maxAge: () => options.maxAge,
      now: () => ++clock.time,
      onEvent: (event) => events.push(event),
      onStep: (report) => self.reports.push(report),
      eitherSignal: (one, other) => AbortSignal.any([one, other]),
    }),
    another: (changes) => bench(behaviours, { ...options, ...changes, cache, gone }),
  };
  return self;
}

export function gate(): { opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A wait that ends only by an abort, with its reason. */
export function forever(started?: () => void): (signal: AbortSignal) => Promise<void> {
  return (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      started?.();
    });
}
