// Puts a trace together: who writes it, what is known of the time before it was asked for, and when it is written out.
import { addSpan, finishTracing, setTracer } from '../trace.ts';
import { watchFigures } from './figures.ts';
import type { TraceOutput } from './output.ts';
import { createRecorder } from './recorder.ts';
import { createTraceFile, type TraceFile } from './trace-file.ts';

export interface TracingOptions {
  /** Absolute; undefined: no file. */
  file: string | undefined;
  /** `build`. */
  command: string;
  version: string;
}

/** Milliseconds between writes. */
const interval = 1000;

/**
 * From now on spans are recorded; `finishTracing` ends it, at the latest when the process ends.
 * @throws ERR_USAGE where the file can't be written
 */
export async function startTracing(options: TracingOptions): Promise<void> {
  const asked = performance.now();
  const title = `slipway ${options.command}`;
  const outputs: TraceOutput[] = [];
  if (options.file !== undefined) outputs.push(openFile(options.file, title, options.version));
  setTracer(createRecorder({ name: title, outputs, now: () => performance.now() }));
  process.on('exit', () => void finishTracing());
  noteStart(asked);
}

/** What Node says of its own start, and what came before this. */
function noteStart(asked: number): void {
  const { v8Start, environment, bootstrapComplete } = performance.nodeTiming;
  const whole = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
  const args = { v8_ms: whole(v8Start), environment_ms: whole(environment) };
  addSpan('start', 'node boot', { start: 0, end: bootstrapComplete, args });
  addSpan('start', 'load program', { start: bootstrapComplete, end: asked });
  addSpan('start', 'start tracing', { start: asked, end: performance.now() });
}

function openFile(path: string, title: string, version: string): TraceOutput {
  const started = new Date(performance.timeOrigin).toISOString();
  const about = { slipway: version, node: process.version, started };
  const file: TraceFile = createTraceFile({ path, title, about, pid: process.pid });
  const figures = watchFigures(file.count);
  const timer = setInterval(file.flush, interval);
  timer.unref();
  return {
    ...file,
    finish() {
      figures[Symbol.dispose]();
      clearInterval(timer);
      return file.finish();
    },
  };
}
