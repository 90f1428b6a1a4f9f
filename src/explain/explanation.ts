// What is said of a build's steps: hit or miss, and for a miss the smallest cause. Plain data.
import type { BuildRecord, StepOutcomeKind } from '../build-record.ts';

/** What happened to one path that a step reads. `before` and `after` are digests, octal modes, `uid:gid`, types or targets of links. */
export type FileChange =
  | { change: 'added' | 'removed'; path: string }
  /** The same entry under another name. */
  | { change: 'renamed'; path: string; from: string }
  | ({ change: 'content'; path: string; before: string; after: string } & ContentChange)
  | {
      change: 'mode' | 'owner' | 'type' | 'link' | 'attributes';
      path: string;
      before: string;
      after: string;
    };

/** What is known of a content that changed; nothing where an earlier one is not at hand any more. */
export interface ContentChange {
  /** Of a text. */
  lines?: { added: number; removed: number };
  /** It is no text, before or now. */
  binary?: true;
  /** In bytes. */
  sizes?: { before: number; after: number };
}

/** The commit that last touched a file. */
export interface TouchingCommit {
  /** Short. */
  hash: string;
  subject: string;
  author: string;
  /** ISO 8601. */
  date: string;
}

export type Cause =
  /**
   * Of a mount, with its target. `source`: its path in the build context. `commit`: in a Git work tree; `uncommitted` where the file is
   * not as the newest commit has it.
   */
  | ({ kind: 'file'; mount?: string; source?: string; commit?: TouchingCommit | 'uncommitted' } & FileChange)
  /** The text of the instruction, or what stands for it: another shell, the body of a heredoc. */
  | { kind: 'instruction'; before: string; after: string }
  /** A flag or a part of COPY and ADD with its variables resolved: `destination`, `chown`, `chmod`, `link`, `excludes`. */
  | { kind: 'flag'; name: string; before: string; after: string }
  /** `argument`: it is known to be an ARG, because a value was given. */
  | { kind: 'variable'; name: string; change: 'added' | 'removed' | 'changed'; argument: boolean }
  /** `workdir`, `user`, `network`, `hostname`, …: what the step runs with. */
  | { kind: 'setting'; name: string; before: string; after: string }
  | { kind: 'mount'; target: string; change: 'added' | 'removed' | 'changed' }
  /** Another image, or another digest of the same. `scratch` where there is none. */
  | { kind: 'base'; before: string; after: string }
  /** What it is built on, or copies from, is another one: a position in the build's steps. */
  | { kind: 'parent'; step: number }
  /** `--no-cache`. */
  | { kind: 'no-cache' }
  /** There is no earlier build to compare with. */
  | { kind: 'first-build' }
  /** The earlier build has no such step. */
  | { kind: 'new-step' }
  /** The same as before, which failed or was stopped, and left no result. */
  | { kind: 'not-stored' }
  /** The same as before, and its record or its layer is gone. */
  | { kind: 'pruned' }
  /** A shared cache knows its result, and has not its layer: it was exported with `mode=min`, or is gone there. */
  | { kind: 'no-layer'; cache: string }
  /** The same as before, and older than `--cache-ttl` allows. */
  | { kind: 'expired' }
  /** The same as before, and only the build before had it from a shared cache that this one did not ask. */
  | { kind: 'not-asked'; cache: string }
  /** What went into it before is not known any more. */
  | { kind: 'unknown' };

export interface ExplainedStep {
  /** Its position in the build's steps. */
  step: number;
  /** The same step of the earlier build. */
  earlier?: number;
  outcome: StepOutcomeKind;
  /** How it differs from before, or why nothing was found; empty where it is as it was. Also of a hit. */
  causes: Cause[];
  /** Where it began: the step whose own causes made this one another. Its own position where they are its own. */
  root?: number;
}

export interface ExplainedBuild {
  build: BuildRecord;
  earlier?: BuildRecord;
  /** The shared cache whose steps stand in for an earlier build. */
  cache?: string;
  /** One for each step of the build, in its order. */
  steps: ExplainedStep[];
  /** Seconds that steps ran, and those of steps that hit. */
  seconds: { ran: number; saved: number };
}
