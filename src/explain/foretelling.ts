// What a change of files would make run: plain data, and the rule by which misses spread from step to step.
import type { StepRecord } from '../build-record.ts';

/** Why nothing would run for a path. */
export type NothingReason =
  /** A line of the ignore file leaves it out. */
  | { kind: 'ignored'; file: string; line: number; pattern: string }
  /** No step that the target needs reads it. */
  | { kind: 'unread' }
  /** It lies in no folder that the build reads. */
  | { kind: 'outside' }
  /** A pattern that no file of the context matches. */
  | { kind: 'no-match' }
  /** Its words decide, and no step reads it as a file. */
  | { kind: 'dockerfile' }
  | { kind: 'ignore-file' };

export interface ForetoldPath {
  /** As it was asked for. */
  path: string;
  /** How many files of contexts it stands for. */
  files: number;
  /** It is not there yet. */
  isNew: boolean;
  /** Positions in `Foretold.steps` of those that read it. */
  steps: number[];
  /** Null where a step reads it. */
  nothing: NothingReason | null;
}

/** `may-run`: unless what it takes from another step comes out as before. */
export type Certainty = 'runs' | 'may-run';

export interface ForetoldStep extends Pick<StepRecord, 'type' | 'stage' | 'platform' | 'lines'> {
  /** `[build 2/4] RUN make`, in one line. */
  name: string;
  certainty: Certainty;
  /** Those of the paths that it reads itself. */
  reads: string[];
  /** The position in `Foretold.steps` of the step that makes it run; null where it reads a path itself. */
  because: number | null;
  /** How long it ran when it last did; null where that is not known. */
  seconds: number | null;
}

export interface Foretold {
  version: 1;
  dockerfile: string;
  context: string;
  /** The newest build of the same that is known. */
  build: { id: string; started: string } | null;
  paths: ForetoldPath[];
  /** In the order of the build; those that stay hits are left out. */
  steps: ForetoldStep[];
  /** Of those whose time is known. */
  seconds: { runs: number; mayRun: number };
  /** Steps of which no time is known. */
  untimed: number;
  /** Build arguments that the newest build had, and whose values are not known here: the state folder keeps their digests alone. */
  missingArguments: string[];
}

/** One step, as far as misses spread. */
export interface SpreadStep {
  type: string;
  /** COPY --link: the same on another root. */
  link: boolean;
  /** It reads a file that changes. */
  reads: boolean;
  /** The root first; null: an empty one. */
  inputs: readonly (number | null)[];
}

interface Spread {
  certainty: Certainty;
  because: number | null;
}

/** @param steps inputs before those that they go into. @returns by position; steps that stay hits have none */
export function spreadMisses(steps: readonly SpreadStep[]): Map<number, Spread> {
  const runs = new Map<number, Spread>();
  /** Whose result is another one. */
  const differs = new Map<number, Certainty>();
  for (const [at, { type, link, reads, inputs }] of steps.entries()) {
    const [root, ...sources] = inputs;
    const below = typeof root === 'number' ? differs.get(root) : undefined;
    const source = sources.find((input) => typeof input === 'number' && differs.has(input));
    const taken: Certainty | undefined = typeof source === 'number' ? 'may-run' : undefined;
    const onRoot = link ? undefined : below;
    const certainty = reads || onRoot === 'runs' ? 'runs' : (onRoot ?? taken);
    // A RUN that reads changed files may make what it made before; what COPY takes from files is another.
    const made: Certainty | undefined = reads ? (type === 'copy' ? 'runs' : 'may-run') : taken;
    const result = below === 'runs' || made === 'runs' ? 'runs' : (below ?? made);
    if (result) differs.set(at, result);
    if (!certainty) continue;
    const because = reads ? null : onRoot ? (root as number) : (source ?? null);
    runs.set(at, { certainty, because });
  }
  // Steps that only pass a change on are no reason: the one below them is.
  return new Map(
    [...runs].map(([at, { certainty, because }]) => {
      let origin = because;
      while (origin !== null && !runs.has(origin)) {
        const from: readonly (number | null)[] = steps[origin]!.inputs;
        origin = from.find((input) => typeof input === 'number' && differs.has(input)) ?? null;
      }
      return [at, { certainty, because: origin }];
    }),
  );
}
