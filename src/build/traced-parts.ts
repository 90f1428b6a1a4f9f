// The parts of a build with a span around what each does, where a trace is made; else the parts as they are.
import type { StatCache } from '../context/stat-cache.ts';
import type { Vertex } from '../graph/vertex.ts';
import type {
  ActiveSnapshot,
  CacheIndex,
  ContentStore,
  Layer,
  LayerEntry,
  OpenLayer,
  Runtime,
  Snapshotter,
  StepSpec,
} from '../seams.ts';
import type { UnpackLayer } from '../snapshot/unpack-layer.ts';
import type { Slots } from '../solver/slots.ts';
import type { Op } from '../solver/solve.ts';
import { isTracing, type SpanArgs, span, traced, tracedStream, traceEnvironment } from '../trace.ts';

const topOf = (layers: readonly Layer[]): SpanArgs => ({ layers: layers.length, top: layers.at(-1)?.diffID });

export function tracedStore<S extends ContentStore>(store: S): S {
  if (!isTracing()) return store;
  return {
    ...store,
    ingest: (source, expected, signal) =>
      traced('store', 'store blob', async (own) => {
        const followed = isAsync(source) ? tracedStream('store', 'source of the blob', source) : source;
        const stored = await store.ingest(followed, expected, signal);
        own.set({ ...stored });
        return stored;
      }),
    read: (digest) => traced('store', 'read blob', () => store.read(digest), { digest }),
  };
}

const isAsync = <T>(source: AsyncIterable<T> | Iterable<T>): source is AsyncIterable<T> =>
  Symbol.asyncIterator in source;

export function tracedOpenLayer(open: OpenLayer): OpenLayer {
  if (!isTracing()) return open;
  return (layer, signal) =>
    tracedStream('layer', 'open layer', open(layer, signal), { diff_id: layer.diffID });
}

export function tracedUnpack(unpack: UnpackLayer): UnpackLayer {
  if (!isTracing()) return unpack;
  return (source, directory, options) => traced('layer', 'unpack', () => unpack(source, directory, options));
}

/** What a sweep of a folder came to is said when the cache is saved. */
export function tracedStatCache(cache: StatCache): StatCache {
  if (!isTracing()) return cache;
  const counts = { files: 0, hashed: 0, hashed_bytes: 0, hash_ms: 0, sweep_ms: 0 };
  return {
    ...cache,
    digest(path, state, read) {
      counts.files++;
      return cache.digest(path, state, () => {
        const began = performance.now();
        const digest = read();
        counts.hash_ms += performance.now() - began;
        counts.hashed++;
        counts.hashed_bytes += state[1]!;
        return digest;
      });
    },
    *remembered(question, ask) {
      const began = performance.now();
      try {
        return yield* cache.remembered(question, ask);
      } finally {
        counts.sweep_ms += performance.now() - began;
      }
    },
    save: () => traced('context', 'save the stat cache', () => cache.save(), counts),
  };
}

export function tracedCache(cache: CacheIndex): CacheIndex {
  if (!isTracing()) return cache;
  return {
    ...cache,
    lookup: (key) =>
      traced(
        'cache',
        'look up',
        async (own) => {
          const record = await cache.lookup(key);
          own.set({ hit: record !== undefined });
          return record;
        },
        { key },
      ),
    record: (key, record, options) =>
      traced('cache', 'write record', () => cache.record(key, record, options), { key }),
    async exclusive(name, signal, work) {
      const waiting = span('lock', 'wait for the lock', { name });
      try {
        return await cache.exclusive(name, signal, () => {
          waiting[Symbol.dispose]();
          return work();
        });
      } finally {
        waiting[Symbol.dispose]();
      }
    },
  };
}

/** @param what is waited for: `to run` */
export function tracedSlots(slots: Slots, what: string): Slots {
  if (!isTracing()) return slots;
  return { take: (signal) => traced('slot', `wait ${what}`, () => slots.take(signal)) };
}

/** Keys are made when they are asked for: each is a span of its own. */
export function tracedOp<R>(op: Op<R>, { op: { type } }: Vertex): Op<R> {
  if (!isTracing()) return op;
  const { begin, unread } = op;
  return {
    async *keys(inputs, signal) {
      const keys = op.keys(inputs, signal)[Symbol.asyncIterator]();
      for (let count = 1; ; count++) {
        const next = await traced('key', 'compute key', () => keys.next(), { count });
        if (next.done) return;
        yield next.value;
      }
    },
    run: (inputs, signal) => traced('op', `run ${type}`, () => op.run(inputs, signal)),
    ...(begin && {
      begin: (inputs, signal) =>
        traced('op', `run ${type}`, async () => {
          const ran = await begin(inputs, signal);
          return {
            ...ran,
            store: (keep: AbortSignal) => traced('op', `store ${type}`, () => ran.store(keep)),
          };
        }),
    }),
    ...(unread && {
      unread(inputs) {
        const own = unread(inputs);
        return own && { ...own, run: (signal) => traced('op', `run ${type}`, () => own.run(signal)) };
      },
    }),
    load: (record, inputs, signal) => traced('op', `load ${type}`, () => op.load(record, inputs, signal)),
    below: op.below,
  };
}

export function tracedSnapshotter(snapshotter: Snapshotter): Snapshotter {
  if (!isTracing()) return snapshotter;
  const { look } = snapshotter;
  return {
    name: snapshotter.name,
    view: (layers, signal) =>
      traced('snapshot', 'view', () => snapshotter.view(layers, signal), topOf(layers)),
    ...(look && {
      look: (layers, signal) => traced('snapshot', 'view', () => look(layers, signal), topOf(layers)),
    }),
    prepare: (layers, signal) =>
      traced(
        'snapshot',
        'prepare',
        async () => tracedActive(await snapshotter.prepare(layers, signal)),
        topOf(layers),
      ),
  };
}

function tracedActive(active: ActiveSnapshot): ActiveSnapshot {
  return {
    ...active,
    changes: async (signal) => followChanges(await active.changes(signal)),
    share() {
      const live = active.share();
      return live && { ...live, prepare: () => tracedActive(live.prepare()) };
    },
    commit: (diffID, below) => traced('snapshot', 'commit', () => active.commit(diffID, below), { diffID }),
    [Symbol.asyncDispose]: () => traced('snapshot', 'give back', async () => active[Symbol.asyncDispose]()),
  };
}

/** `own_ms`: without what happened to the entries in between. */
function* followChanges(changes: Iterable<LayerEntry>): Generator<LayerEntry> {
  using own = span('snapshot', 'read changes');
  let entries = 0;
  let spent = 0;
  let asked = performance.now();
  for (const entry of changes) {
    spent += performance.now() - asked;
    entries++;
    yield entry;
    asked = performance.now();
  }
  own.set({ entries, own_ms: Math.round((spent + performance.now() - asked) * 1000) / 1000 });
}

export function tracedRuntime(runtime: Runtime): Runtime {
  if (!isTracing()) return runtime;
  return {
    name: runtime.name,
    run: (step, io, signal) =>
      traced('runtime', runtime.name, async (own) => {
        // So that it is told when the command starts.
        const onStart = io.onStart ?? (() => {});
        const result = await runtime.run(withTrace(step), { ...io, onStart }, signal);
        own.set({ exit_code: result.exitCode });
        return result;
      }),
    release: () => runtime.release?.(),
  };
}

/** What the step itself traces goes on below it. */
function withTrace(step: StepSpec): StepSpec {
  const more = traceEnvironment();
  return more.length === 0
    ? step
    : { ...step, process: { ...step.process, env: [...step.process.env, ...more] } };
}
