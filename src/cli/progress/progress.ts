// What all renderers of progress have in common.
import type { OnEvent } from '../../index.ts';
import type { Colors } from './colors.ts';

export type ProgressMode = 'plain' | 'tty' | 'rawjson' | 'quiet' | 'none';

/** How a build ended. `summary`: a closing line for people. */
export interface ProgressOutcome {
  status: 'done' | 'failed' | 'canceled';
  summary?: string | undefined;
}

export interface Progress {
  onEvent: OnEvent;
  /** Prints what is left, and stops. Nothing is written afterwards. */
  finish(outcome: ProgressOutcome): void;
}

export interface ProgressOptions {
  /** Nothing but `write` is asked of it. */
  stream: { write(text: string): unknown };
  /** Of the terminal, asked anew for each picture. */
  columns: () => number;
  rows: () => number;
  color: boolean;
  /** Left out: the usual ones. */
  colors?: Colors | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Lines of a running step's output that `tty` shows. */
  logLines?: number | undefined;
  /** Calls back every so many milliseconds until stopped, without keeping the process alive. For tests. */
  every?: ((milliseconds: number, callback: () => void) => () => void) | undefined;
}
