// Records spans: whose part each is, by asynchronous context, and when it began and ended.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span, SpanArgs, Tracer } from '../trace.ts';
import type { RecordedSpan, TraceOutput } from './output.ts';

export interface RecorderOptions {
  /** Of the span that all others are parts of: from the start of the process to its end. */
  name: string;
  outputs: readonly TraceOutput[];
  /** Milliseconds since the process began. */
  now(): number;
}

export interface Recorder extends Tracer {
  /** Adds to the span that is current now, also later. */
  note(): (args: SpanArgs) => void;
}

export function createRecorder({ name: whole, outputs, now }: RecorderOptions): Recorder {
  const current = new AsyncLocalStorage<RecordedSpan>();
  const recorded = new WeakMap<Span, RecordedSpan>();
  /** In the order in which they began. */
  const open = new Set<RecordedSpan>();
  let last = 0;
  let clean = (text: string): string => text;
  let root: RecordedSpan | undefined;
  root = begin('start', whole, undefined, 0);

  function begin(category: string, name: string, args: SpanArgs | undefined, start = now()): RecordedSpan {
    const parent = current.getStore() ?? root;
    const one: RecordedSpan = {
      ...{ id: ++last, parent, category, name: clean(name), start },
      ...{ end: undefined, args: cleanArgs(args), error: undefined },
    };
    open.add(one);
    for (const output of outputs) output.begin(one);
    return one;
  }

  function cleanArgs(args: SpanArgs | undefined): RecordedSpan['args'] {
    const own: RecordedSpan['args'] = { ...args };
    for (const [name, value] of Object.entries(own)) if (typeof value === 'string') own[name] = clean(value);
    return own;
  }

  /** Others still have to tell what it is: it stays as it is, and a copy is told of. */
  function cleanError(error: unknown): unknown {
    if (!(error instanceof Error)) return error === undefined ? undefined : clean(String(error));
    const { name, message, stack = '', code } = error as Error & { code?: unknown };
    const [said, track] = [clean(message), clean(stack)];
    if (said === message && track === stack) return error;
    return Object.assign(new Error(said), { name, stack: track, ...(code === undefined ? {} : { code }) });
  }

  function end(one: RecordedSpan, time: number): void {
    if (!open.delete(one)) return;
    one.end = Math.max(one.start, time);
    for (const output of outputs) output.end(one);
  }

  return {
    begin(category, name, args) {
      const one = begin(category, name, args);
      const span: Span = {
        set(more) {
          Object.assign(one.args, cleanArgs(more));
        },
        fail(error) {
          one.error = cleanError(error);
        },
        [Symbol.dispose]() {
          end(one, now());
        },
      };
      recorded.set(span, one);
      return span;
    },
    within: (span, work) => {
      const one = recorded.get(span);
      return one === undefined ? work() : current.run(one, work);
    },
    add(category, name, time) {
      end(begin(category, name, time.args, time.start), time.end);
    },
    note() {
      const one = current.getStore() ?? root;
      return (args) => void Object.assign(one.args, cleanArgs(args));
    },
    mask(change) {
      const before = clean;
      clean = (text) => change(before(text));
    },
    environment: () => outputs.flatMap((output) => output.environment?.(current.getStore() ?? root) ?? []),
    async finish(error) {
      const time = now();
      root.error = cleanError(error);
      // The latest first, so that parts end before what they are parts of.
      for (const one of [...open].reverse()) {
        if (one !== root) one.args['unfinished'] = true;
        end(one, time);
      }
      await Promise.all(outputs.map((output) => output.finish()));
    },
  };
}
