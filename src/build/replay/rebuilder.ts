// What a replay needs of a builder: one build after the other, each measured.
import { SlipwayError } from '../../errors.ts';
import type { Rebuilt } from '../../replay/replay-build.ts';
import type { TimedRun } from './timed-process.ts';

export interface RebuildJob {
  /** Position of the variant: each has caches of its own. */
  variant: number;
  /** Absolute. */
  context: string;
  /** Absolute; undefined: the one in the context. */
  dockerfile: string | undefined;
}

/** An image in a state folder. */
export interface RebuiltImage {
  root: string;
  /** Its ID. */
  image: string;
}

export interface Rebuilder {
  /** `slipway 1.2.3`, `buildah 1.28`. */
  version: string;
  /** A build that fails is a result, too. @throws where the builder itself can't work, and the signal's reason */
  rebuild(job: RebuildJob, signal: AbortSignal): Promise<Rebuilt>;
  /** What the last build of a variant that went well made, as long as no other one is begun; undefined where there is none. */
  image?(variant: number): RebuiltImage | undefined;
  /** What it has to know where the replay goes on later, as JSON. */
  memory?(): unknown;
  close?(): Promise<void>;
}

/** The line of a log that says what went wrong. */
export function errorLine(log: string): string {
  const lines = log.trimEnd().split('\n');
  const said = lines.findLast((line) => /^(?:error|ERROR)\b/.test(line));
  return (said ?? lines.at(-1) ?? '').replace(/^error:?\s*/i, '').slice(0, 500);
}

/** Whether a build went well. @throws where its command line, the machine or a registry was at fault: that says nothing of the commit */
export function outcomeOf(run: TimedRun, faults: readonly number[]): 'done' | 'failed' {
  if (run.code === 0) return 'done';
  if (!faults.includes(run.code)) return 'failed';
  throw new SlipwayError(
    run.code === 2 ? 'ERR_USAGE' : 'ERR_RUNTIME',
    `a build could not be made: ${errorLine(run.log)}`,
    {
      hint: 'mend that; what is done is kept where --out says, and --resume goes on from there',
    },
  );
}
