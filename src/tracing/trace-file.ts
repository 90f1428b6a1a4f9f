// A trace as a file of events, in the form of Chrome's trace viewer that Perfetto and speedscope read, too: a JSON object.
// After each write the file is whole, so that one of a build that was killed can be opened.
import { closeSync, openSync, writeSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { createLanes } from './lanes.ts';
import type { RecordedSpan, TraceOutput } from './output.ts';

export interface TraceFileOptions {
  /** Absolute. */
  path: string;
  /** Of the process, as the picture calls it: `slipway build`. */
  title: string;
  /** What the file says of the machine and the program. */
  about: Readonly<Record<string, string | number>>;
  pid: number;
}

export interface TraceFile extends Required<Pick<TraceOutput, 'begin' | 'end' | 'count' | 'finish'>> {
  /** Writes what is held back. */
  flush(): void;
}

/** Characters that are held back. */
const enough = 1 << 16;
const foot = '\n]}\n';

/** Whole microseconds: rounding keeps what lies inside of something else there. */
const micros = (milliseconds: number): number => Math.round(milliseconds * 1000);

/** @throws ERR_USAGE where the file can't be written */
export function createTraceFile({ path, title, about, pid }: TraceFileOptions): TraceFile {
  const file = openFile(path);
  let held = '';
  /** Where the next event goes. */
  let end = 0;
  let failed = false;
  let flows = 0;

  const write = (text: string): void => {
    if (failed) return;
    try {
      const bytes = Buffer.from(text + foot);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, end + at);
      end += bytes.length - foot.length;
    } catch {
      // A full disk fails the build by itself; the trace is what was written before.
      failed = true;
    }
  };
  const flush = (): void => {
    if (held === '') return;
    const text = held;
    held = '';
    write(text);
  };
  const tell = (event: object): void => {
    held += `,\n${JSON.stringify(event)}`;
    if (held.length > enough) flush();
  };
  const say = (name: string, tid: number, args: object): void =>
    tell({ ph: 'M', name, pid, tid, ts: 0, args });

  const named = { ph: 'M', name: 'process_name', pid, tid: 0, ts: 0, args: { name: title } };
  const head = JSON.stringify({ displayTimeUnit: 'ms', otherData: about });
  write(`${head.slice(0, -1)},"traceEvents":[\n${JSON.stringify(named)}`);

  const lanes = createLanes(({ id, name }) => {
    say('thread_name', id, { name });
    say('thread_sort_index', id, { sort_index: id });
  });

  function draw(span: RecordedSpan): void {
    const { lane, from } = lanes.leave(span);
    const { name, category: cat, error } = span;
    const ts = micros(span.start);
    const dur = micros(span.end ?? span.start) - ts;
    const args = { ...span.args, ...(error === undefined ? {} : { error: messageOf(error) }) };
    // Viewers pass over the last two, which say for sure what lanes and arrows show.
    tell({ ph: 'X', name, cat, ts, dur, pid, tid: lane.id, args, span: span.id, parent: span.parent?.id });
    if (from === undefined || from.id === lane.id) return;
    const flow = { cat, name: 'part', id: ++flows, pid, ts };
    tell({ ph: 's', ...flow, tid: from.id });
    tell({ ph: 'f', bp: 'e', ...flow, tid: lane.id });
  }

  return {
    begin: lanes.enter,
    end: draw,
    count(name, values, time) {
      tell({ ph: 'C', name, pid, tid: 0, ts: micros(time), args: values });
    },
    flush,
    async finish() {
      flush();
      closeSync(file);
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is no folder',
  EISDIR: 'that is a folder',
  EACCES: 'permission was denied',
  EROFS: 'the file system is read-only',
};

function openFile(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const code = systemCode(error) ?? String(error);
    throw new SlipwayError('ERR_USAGE', `the trace can't be written to ${path}: ${reasons[code] ?? code}`, {
      hint: 'name a file in a folder that is there and can be written to: --trace=build.trace.json',
    });
  }
}
