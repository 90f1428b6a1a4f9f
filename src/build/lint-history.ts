// What builds noted of a Dockerfile's steps, for the linter: how long each ran, and how many files a COPY read. No locks, no waiting.
import type { BuildRecord, StepRecord } from '../build-record.ts';
import type { RecordedStep, StepHistory } from '../lint/settings.ts';
import type { KeyTree } from '../seams.ts';
import { type BuildIndex, type BuildName, createBuildIndex } from '../store/build-index.ts';
import { createRecordReader } from '../store/cache-index.ts';

/** By the path of a Dockerfile; undefined where no build noted anything. */
export interface LintHistory {
  of(dockerfile: string): StepHistory | undefined;
}

/** So many builds are looked at, the newest first. */
const builds = 4;

/**
 * The names of records are listed once; no record is read before a rule asks. Nothing is thrown: what is damaged is not
 * known. @param root the state folder
 */
export function createLintHistory(root: string): LintHistory {
  const index = createBuildIndex(root);
  let namesOf: ((dockerfile: string) => BuildName[]) | undefined;
  return {
    of(dockerfile) {
      namesOf ??= tolerant(() => index.listAll()) ?? (() => []);
      const names = namesOf(dockerfile).slice(0, builds);
      return names.length === 0 ? undefined : createStepHistory(root, index, names);
    },
  };
}

function createStepHistory(root: string, index: BuildIndex, names: readonly BuildName[]): StepHistory {
  const read: (BuildRecord | undefined)[] = [];

  function recordAt(at: number): BuildRecord | undefined {
    const name = names[at];
    if (name !== undefined && read.length <= at) read.push(index.read(name));
    return read[at];
  }

  function find(text: string): RecordedStep | undefined {
    for (let at = 0; at < builds; at++) {
      const found = recordAt(at)?.steps.filter((step) => step.text === text && isTimed(step)) ?? [];
      if (found.length === 0) continue;
      const longest = found.reduce((a, b) => (b.seconds! > a.seconds! ? b : a));
      return { seconds: longest.seconds!, files: () => tolerant(() => filesOf(root, longest)) };
    }
    return undefined;
  }

  return { find: (text) => tolerant(() => find(text)) };
}

const isTimed = ({ outcome, seconds }: StepRecord): boolean =>
  seconds !== undefined && (outcome === 'ran' || outcome === 'hit');

/** The files in the tree of the step's content key. */
function filesOf(root: string, { keys }: StepRecord): number | undefined {
  const key = keys.at(-1);
  const content = key && createRecordReader(root)(key)?.tree['content'];
  return typeof content === 'object' ? countFiles(content) : undefined;
}

function countFiles(tree: KeyTree): number {
  let count = 0;
  for (const value of Object.values(tree)) {
    if (typeof value === 'object') count += countFiles(value);
    else if (!value.startsWith('dir')) count++;
  }
  return count;
}

function tolerant<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
