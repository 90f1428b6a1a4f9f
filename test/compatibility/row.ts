// The shape of the table of what Slipway supports: sections of rows, each with the cases that show it.
import type { Needs } from './features.ts';
import type { Outcome } from './outcome.ts';

/** What an entry of the image must be; the text stands for a file's content, false for "not there". */
export type Expected =
  | string
  | false
  | {
      type?: string;
      mode?: number;
      uid?: number;
      gid?: number;
      link?: string;
      content?: string;
      mtime?: number;
    };

/**
 * One real case: a command line, and what must come of it. Without an expectation it must succeed. In texts `{dir}` is
 * the case's own folder, `{git}`, `{http}` and `{registry}` are servers that are started where they are named.
 */
export interface Probe {
  needs?: Needs;
  /** Written as `Dockerfile` into the context. */
  dockerfile?: string;
  /** Files of the context by their path; a path that ends in `/` is a folder, `link -> target` a symbolic link. */
  files?: Record<string, string | Buffer | (() => Buffer)>;
  /** Of `slipway build`, before the context. Without --output the result is thrown away, or read where it is looked at. */
  flags?: readonly string[];
  /** Instead of the folder. */
  context?: string;
  /** The whole command line instead, run in the context's folder. */
  argv?: readonly string[];
  stdin?: string | Buffer | (() => Buffer);
  env?: Record<string, string>;
  /** Runs before what is looked at, in the same context: a first build, say. */
  before?: readonly (readonly string[])[];

  /** The exit code of what does its work and still is not content. */
  code?: number;
  /** It must be refused, in the words that refusals.json holds and the table shows; `message`: its hint lists what may grow. */
  refused?: true | 'message';
  /** It must fail, and say this. */
  fails?: string | RegExp;
  stdout?: string | RegExp;
  stderr?: string | RegExp;
  /** Parts of the image config. */
  config?: Record<string, unknown>;
  /** Entries of the image, all layers together, by their absolute path. */
  tree?: Record<string, Expected>;
  /** Files that the command wrote, by their path in the case's folder. */
  wrote?: Record<string, string | RegExp>;
  /** Whatever else must hold. */
  see?: (outcome: Outcome) => void | Promise<void>;
}

interface Named {
  /** Names the row for good: links point at it. */
  slug: string;
  /** What a user may want, in Markdown. */
  what: string;
  note?: string;
}

export type Row = Named & { status: 'yes' | 'partly' | 'no' } & (
    | { probes: readonly [Probe, ...Probe[]] }
    /** Why no command can show it. */
    | { unproven: string }
  );

export interface Section {
  slug: string;
  title: string;
  rows: readonly Row[];
}
