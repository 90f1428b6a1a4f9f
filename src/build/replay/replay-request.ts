// What a replay is asked for, and what it tells while it goes.
import type { BuildRequest } from '../../build-request.ts';
import type { EditLine } from '../../replay/edit-list.ts';
import type { ReplayBuild, ReplayBuilder, ReplayResult, ReplayRunner } from '../../replay/replay-result.ts';

export type ReplayHistory =
  /** `A..B`, or one revision: it and all before it. First parents, the oldest first. */
  | { type: 'commits'; range: string }
  /** A build of the context as it is comes before the first edit. */
  | { type: 'edits'; file: string; edits: EditLine[] };

export type ReplayCache = { type: 'local' } | { type: 'none' } | { type: 'registry'; ref: string };

export interface ReplayRequest {
  history: ReplayHistory;
  /** What is built each time; its context is a folder. `dockerfile` is that of the history. */
  build: BuildRequest;
  /** Other Dockerfiles over the same history, relative to the current folder; each has results of its own. */
  variants: string[];
  runner: ReplayRunner;
  cache: ReplayCache;
  /** Keys alone: nothing runs. */
  dry: boolean;
  builder: ReplayBuilder;
  /** Flags of `slipway build` that are `build` in words, without context, Dockerfile and state folder. */
  flags: string[];
  /** The same as the result tells them: without secret values. */
  shownFlags: string[];
  /** Words that start slipway: builds run in processes of their own, as users run them. */
  program: string[];
  /** Of slipway. */
  version: string;
  /** A folder for work trees and state folders; what is in it belongs to the replay. */
  work: string;
  /** What an earlier replay or earlier builds say of steps; for a dry one. */
  times: ReplayResult[];
  /** A replay of the same that was stopped: it goes on from there, in the same `work`. */
  earlier?: ReplayResult | undefined;
}

export interface ReplayProgress {
  /** Builds that are done, of all variants. */
  done: number;
  planned: number;
  /** The one that has just ended. */
  variant: string;
  build: ReplayBuild;
  /** Undefined where nothing is known yet. */
  secondsLeft: number | undefined;
}

export interface ReplayCall {
  signal: AbortSignal;
  /** A build has ended; `result` is all that is known by now. */
  onBuild(progress: ReplayProgress, result: ReplayResult): void | Promise<void>;
}

export interface AdviceCall {
  signal: AbortSignal;
  /** Two texts of a file as a unified diff. */
  diff(before: string, after: string, name: string): string;
}
