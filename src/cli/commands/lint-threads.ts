// Many files are linted by several threads: this one and helpers, which take from one list whatever comes next.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Linter } from '../../index.ts';
import { type LintOutcome, type LintState, type LintTask, openTaskRunner, takeTasks } from './lint-task.ts';

/** What a helper is given. */
export interface HelperData {
  tasks: readonly LintTask[];
  state: LintState;
  /** Shared: how many tasks were taken. */
  taken: Int32Array;
}

/** What it says in the end: its share of the outcomes, by their tasks' places in the list. */
export type HelperShare = [index: number, outcome: LintOutcome][];

/** With fewer files for each, starting another thread takes longer than it saves. */
const leastFiles = 100;
const mostThreads = 4;
/** The bundle's starter, which lints where it finds itself in a helper. Run from its sources, the program has none. */
const starter = fileURLToPath(new URL('../main.js', import.meta.url));

/** The outcomes in the order of the tasks. */
export async function runTasks(
  tasks: readonly LintTask[],
  { linter, state }: { linter: Linter; state: LintState },
): Promise<LintOutcome[]> {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const helpers = await startHelpers({ tasks, state, taken });
  const run = await openTaskRunner(linter, state);
  const outcomes: (LintOutcome | undefined)[] = tasks.map(() => undefined);
  takeTasks(taken, tasks.length, (index) => {
    outcomes[index] = run(tasks[index]!);
  });
  for (const share of await Promise.all(helpers))
    for (const [index, outcome] of share) outcomes[index] = outcome;
  // What a helper took that could not be had, or ended.
  return outcomes.map((outcome, index) => outcome ?? run(tasks[index]!));
}

async function startHelpers(data: HelperData): Promise<Promise<HelperShare>[]> {
  const count = Math.min(availableParallelism(), mostThreads, Math.floor(data.tasks.length / leastFiles)) - 1;
  if (count < 1 || !existsSync(starter)) return [];
  const { Worker: Thread } = await import('node:worker_threads');
  return Array.from({ length: count }, () => {
    try {
      return shareOf(new Thread(starter, { argv: ['lint'], execArgv: [], workerData: data }));
    } catch {
      return Promise.resolve([]);
    }
  });
}

/** Nothing of one that fails: what it found goes lost with it, and is found again here. */
function shareOf(worker: Worker): Promise<HelperShare> {
  return new Promise((resolve) => {
    worker.on('message', resolve);
    worker.on('error', () => resolve([]));
    worker.on('exit', () => resolve([]));
  });
}
