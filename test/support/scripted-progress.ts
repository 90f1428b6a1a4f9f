// Plays a list of events to a renderer of progress, with a clock and a timer of its own.
import type { Colors } from '../../src/cli/progress/colors.ts';
import { createProgress } from '../../src/cli/progress/create-progress.ts';
import type { ProgressMode, ProgressOutcome } from '../../src/cli/progress/progress.ts';
import type { BuildEvent } from '../../src/index.ts';
import { createCollector } from './cli-session.ts';

/** Milliseconds since 1970 that scripts start at. */
export const start = Date.UTC(2026, 0, 1);

export const started = (at: number, id: string, name = id): BuildEvent => ({
  type: 'started',
  vertex: { id, name },
  time: start + at,
});
export const cached = (at: number, id: string): BuildEvent => ({ type: 'cached', id, time: start + at });
export const log = (
  at: number,
  id: string,
  text: string,
  stream: 'stdout' | 'stderr' = 'stdout',
): BuildEvent => ({
  type: 'log',
  id,
  stream,
  data: Buffer.from(text),
  time: start + at,
});
export const item = (
  at: number,
  id: string,
  name: string,
  figures: [number, number?],
  done = false,
): BuildEvent => ({
  type: 'progress',
  id,
  item: name,
  current: figures[0],
  total: figures[1],
  done,
  time: start + at,
});
export const done = (
  at: number,
  id: string,
  more: { error?: string; canceled?: boolean } = {},
): BuildEvent => ({
  type: 'done',
  id,
  ...more,
  time: start + at,
});
/** Time passes, and the renderer's timer rings. */
export const tick = (at: number) => ({ type: 'tick', time: start + at }) as const;

export interface Played {
  text: string;
  writes: string[];
  /** The timer was stopped, or never started. */
  stopped: boolean;
}

export function play(
  mode: ProgressMode,
  script: readonly (BuildEvent | ReturnType<typeof tick>)[],
  options: {
    outcome?: ProgressOutcome;
    columns?: number;
    rows?: number;
    color?: boolean;
    colors?: Colors;
    logLines?: number;
  } = {},
): Played {
  const out = createCollector();
  let now = start;
  let timers = 0;
  let ring = (): void => {};
  const progress = createProgress(mode, {
    stream: out.stream,
    columns: () => options.columns ?? 80,
    rows: () => options.rows ?? 24,
    color: options.color ?? false,
    colors: options.colors,
    now: () => now,
    logLines: options.logLines,
    every: (_, callback) => {
      timers++;
      ring = callback;
      return () => {
        timers--;
      };
    },
  });
  for (const event of script) {
    now = event.time;
    if (event.type === 'tick') ring();
    else progress.onEvent(event);
  }
  progress.finish(options.outcome ?? { status: 'done' });
  const length = out.writes.length;
  ring();
  if (script.length > 0) progress.onEvent(started(99_999, 'late'));
  if (out.writes.length !== length) throw new Error('written to after the end');
  return { text: out.text(), writes: out.writes, stopped: timers === 0 };
}
