// Spans: what is being done, from when to when. Whoever works names its work here; tracing/ records it where somebody asked for
// a trace. Off, as nearly always, a span costs a call and a comparison.

/** Names, digests, paths, sizes: what a span is about. */
export type SpanArgs = Readonly<Record<string, string | number | boolean | undefined>>;

/** Something that is being done. Disposing of it ends it. */
export interface Span extends Disposable {
  /** Says more of it. */
  set(args: SpanArgs): void;
  /** It failed. */
  fail(error: unknown): void;
}

/** What records spans. */
export interface Tracer {
  begin(category: string, name: string, args: SpanArgs | undefined): Span;
  /** What `work` begins, also later on, is a part of the span. */
  within<T>(span: Span, work: () => T): T;
  /** Work that is over, or that another thread did; milliseconds as performance.now() gives them. */
  add(category: string, name: string, time: { start: number; end: number; args?: SpanArgs }): void;
  /** Texts of what begins, is said or fails from now on go through `change`. */
  mask(change: (text: string) => string): void;
  /** What a process that is started now may go on with, as `TRACEPARENT=…`. */
  environment(): string[];
  /** Ends what is open; the whole failed where an error is given. */
  finish(error?: unknown): Promise<void>;
}

const none: Span = { set() {}, fail() {}, [Symbol.dispose]() {} };

const noPhases: Phases = { next() {}, end() {} };

let tracer: Tracer | undefined;

/** From now on spans are recorded, in the whole process; undefined: no more. */
export function setTracer(next: Tracer | undefined): void {
  tracer = next;
}

/** Where what a span would say is not at hand: whether to find it out. */
export const isTracing = (): boolean => tracer !== undefined;

/** Takes what must not be shown out of all that is told of spans from now on: a build's secrets. */
export const maskTrace = (change: (text: string) => string): void => tracer?.mask(change);

/**
 * A span of its own: `using _ = span('layer', 'pack')`. What is begun before it ends stands beside it, not in it.
 * @param category the folder whose work it is, in a word: `registry`, `layer`.
 */
export function span(category: string, name: string, args?: SpanArgs): Span {
  return tracer === undefined ? none : tracer.begin(category, name, args);
}

/** Spans one after the other: each ends where the next begins. */
export interface Phases {
  next(name: string): void;
  /** Ends the last; nothing comes after it. */
  end(): void;
}

export function tracePhases(category: string, first: string): Phases {
  if (tracer === undefined) return noPhases;
  let open: Span | undefined = span(category, first);
  return {
    next(name) {
      if (open === undefined) return;
      open[Symbol.dispose]();
      open = span(category, name);
    },
    end() {
      open?.[Symbol.dispose]();
      open = undefined;
    },
  };
}

/** A span around `work` and all that it begins. It ends with it, or with the promise that it returns. */
export function traced<T>(category: string, name: string, work: (span: Span) => T, args?: SpanArgs): T {
  if (tracer === undefined) return work(none);
  const own = tracer.begin(category, name, args);
  try {
    const result = tracer.within(own, () => work(own));
    if (!(result instanceof Promise)) {
      own[Symbol.dispose]();
      return result;
    }
    return result.then(
      (value) => {
        own[Symbol.dispose]();
        return value;
      },
      (error) => {
        own.fail(error);
        own[Symbol.dispose]();
        throw error;
      },
    ) as T;
  } catch (error) {
    own.fail(error);
    own[Symbol.dispose]();
    throw error;
  }
}

/** Notes work that is over, or that another thread did; milliseconds as performance.now() gives them. */
export function addSpan(
  category: string,
  name: string,
  time: { start: number; end: number; args?: SpanArgs },
): void {
  tracer?.add(category, name, time);
}

/**
 * A span from the first chunk that is asked for to the last, with what came through: `bytes`, and `own_ms`, how long this
 * source was waited for.
 */
export function tracedStream<T extends Uint8Array>(
  category: string,
  name: string,
  source: AsyncIterable<T>,
  args?: SpanArgs,
): AsyncIterable<T> {
  return tracer === undefined ? source : follow(tracer, source, { category, name, args });
}

async function* follow<T extends Uint8Array>(
  { begin, within }: Tracer,
  source: AsyncIterable<T>,
  { category, name, args }: { category: string; name: string; args: SpanArgs | undefined },
): AsyncGenerator<T> {
  const own = begin(category, name, args);
  const iterator = source[Symbol.asyncIterator]();
  let bytes = 0;
  let waited = 0;
  try {
    for (;;) {
      const asked = performance.now();
      const next = await within(own, () => iterator.next());
      waited += performance.now() - asked;
      if (next.done) return;
      bytes += next.value.length;
      yield next.value;
    }
  } catch (error) {
    own.fail(error);
    throw error;
  } finally {
    own.set({ bytes, own_ms: Math.round(waited * 1000) / 1000 });
    own[Symbol.dispose]();
    await iterator.return?.();
  }
}

/** What a process that is started now may go on with, as `TRACEPARENT=…`; empty without a trace that others share. */
export const traceEnvironment = (): string[] => tracer?.environment() ?? [];

/** Ends what is open, and waits until the trace is where it belongs. @param error what the whole failed with */
export async function finishTracing(error?: unknown): Promise<void> {
  const ended = tracer;
  tracer = undefined;
  await ended?.finish(error);
}
