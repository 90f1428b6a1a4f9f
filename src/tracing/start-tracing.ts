// Puts a trace together: who writes it, what is known of the time before it was asked for, and when it is written out.
import { addSpan, finishTracing, setTracer } from '../trace.ts';
import { watchFigures } from './figures.ts';
import { watchConnections } from './http-connections.ts';
import { readOtelSettings } from './otel-settings.ts';
import type { TraceOutput } from './output.ts';
import { createRecorder } from './recorder.ts';
import { createTraceFile } from './trace-file.ts';

export interface TracingOptions {
  /** Absolute; undefined: no file. `%p` stands for the process's number. */
  file: string | undefined;
  /** `build`. */
  command: string;
  version: string;
  /** Says whether spans are sent to OpenTelemetry; undefined: they are not. */
  env: Readonly<Record<string, string | undefined>> | undefined;
  warn(message: string, hint?: string): void;
}

/** Milliseconds between writes. */
const interval = 1000;

/**
 * From now on spans are recorded, where there is a place for them; `finishTracing` ends it, at the latest when the process ends.
 * @throws ERR_USAGE where the file can't be written
 */
export async function startTracing(options: TracingOptions): Promise<void> {
  const asked = performance.now();
  const title = `slipway ${options.command}`;
  const outputs: TraceOutput[] = [];
  if (options.file !== undefined) outputs.push(openFile(options.file, title, options.version));
  const otel = await openOtel(options);
  if (otel) outputs.push(otel);
  if (outputs.length === 0) return;
  const recorder = createRecorder({ name: title, outputs, now: () => performance.now() });
  setTracer(recorder);
  watchConnections({ note: recorder.note, connected: (time) => recorder.add('registry', 'connect', time) });
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

function openFile(pattern: string, title: string, version: string): TraceOutput {
  const path = pattern.replaceAll('%p', String(process.pid));
  const started = new Date(performance.timeOrigin).toISOString();
  const about = { slipway: version, node: process.version, started };
  const file = createTraceFile({ path, title, about, pid: process.pid });
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

async function openOtel({ env, version, warn }: TracingOptions): Promise<TraceOutput | undefined> {
  const settings = readOtelSettings(env ?? {});
  if (settings.type === 'off') return undefined;
  if (settings.type === 'refused') {
    warn(`no trace is sent to OpenTelemetry: ${settings.message}`, settings.hint);
    return undefined;
  }
  const { createOtelOutput } = await import('./otel.ts');
  return createOtelOutput({ settings, env: env ?? {}, version, warn });
}
