// What a command is given of its process, and the shape of a command.
import type { Flag } from './arguments.ts';

/** A stream that may be a terminal. */
export type OutputStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

/** What main.ts should know to report a failure well; the command fills it in. */
export interface FailureContext {
  debug: boolean;
  /** The text of a file as errors name it, or undefined. */
  readSource?: ((file: string) => string | undefined) | undefined;
  /** The name of the step that failed. */
  step?: string | undefined;
  /** What is being done right now, for who stops it: steps with their lines. */
  running?: (() => string[]) | undefined;
  /** The exit code of work that was done but did not go well; 0 where it is not set. */
  exitCode?: number | undefined;
  /** The exit code for every error, where the error is not to decide. */
  errorCode?: number | undefined;
}

export interface Session {
  stdin: AsyncIterable<Uint8Array>;
  stdout: OutputStream;
  stderr: OutputStream;
  env: Record<string, string | undefined>;
  cwd: string;
  /** Of the user; undefined where the system has none. */
  uid: number | undefined;
  home: string;
  /** Milliseconds since 1970. */
  now: () => number;
  signal: AbortSignal;
  failure: FailureContext;
  /** Has the program begin again in a user namespace, and returns where that can't be; undefined where it was tried. */
  enterUserNamespace?: (() => Promise<void>) | undefined;
  /** The same, left to a command that may turn out to need none: to be called before it does anything that counts. */
  enterIfNeeded?: (() => Promise<void>) | undefined;
  /** From now on signals go to `handler` and abort nothing; the third that asks to end does end this process. */
  takeSignals?: ((handler: (signal: NodeJS.Signals) => void) => void) | undefined;
}

export interface Command {
  name: string;
  /** `slipway build [flags] PATH|-`. */
  usage: string;
  /** A paragraph. */
  description: string;
  flags: readonly Flag[];
  examples: readonly { does: string; command: string }[];
  /** Words from the first on that is no flag are another program's, and no flags of this command. */
  passesOn?: boolean;
  /** Further sections of the help: a heading and its lines. */
  notes: readonly { heading: string; lines: readonly string[] }[];
  /** What it ends with, a line each, where that is other than what most end with. */
  exitCodes?: readonly string[];
  /** Returns when done; throws what main.ts reports. */
  run(argv: readonly string[], session: Session): Promise<void>;
}
