// Many files are linted by several threads: this one and helpers, which take from one list whatever comes next.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Linter } from '../../index.ts';
import { type LintShare, unpackShare } from './lint-share.ts';
import { type LintOutcome, type LintState, type LintTask, openTaskRunner, takeTasks } from './lint-task.ts';

/** What a helper is started with. */
export interface HelperData {
  /** Shared: how many tasks were taken; then, for each helper, whether it takes any. */
  taken: Int32Array;
  /** Its own place in `taken`. */
  place: number;
}

/** What it is told when all tasks are known. It answers with a LintShare. */
export interface HelperOrder {
  tasks: readonly LintTask[];
  state: LintState;
}

export interface LintThreads {
  /** Starts helpers once so many files are known that it pays: they load their code while the files are read. */
  expect(files: number): void;
  /** The outcomes in the order of the tasks. */
  run(
    tasks: readonly LintTask[],
    options: { linter: Linter; state: LintState; signal: AbortSignal },
  ): Promise<LintOutcome[]>;
}

/** With fewer files for each, starting another thread takes longer than it saves. */
const leastFiles = 100;
const mostThreads = 4;
/** The bundle's starter, which lints where it finds itself in a helper. Run from its sources, the program has none. */
const starter = fileURLToPath(new URL('../main.js', import.meta.url));

interface Helper {
  worker: Worker;
  place: number;
  /** Undefined from one that failed: what it found goes lost with it, and is found again here. */
  share: Promise<LintShare | undefined>;
}

export function createLintThreads(): LintThreads {
  const taken = new Int32Array(new SharedArrayBuffer(4 * (1 + mostThreads)));
  const most = Math.min(availableParallelism(), mostThreads) - 1;
  const helpers: Helper[] = [];

  function expect(files: number): void {
    const wanted = Math.min(most, Math.floor(files / leastFiles) - 1);
    while (helpers.length < wanted) {
      const helper = startHelper({ taken, place: helpers.length + 1 });
      if (helper === undefined) return;
      helpers.push(helper);
    }
  }

  return {
    expect,
    async run(tasks, { linter, state, signal }) {
      expect(tasks.length);
      const order: HelperOrder = { tasks, state };
      for (const { worker } of helpers) {
        worker.ref();
        worker.postMessage(order);
      }
      const run = await openTaskRunner(linter, state);
      const outcomes: (LintOutcome | undefined)[] = tasks.map(() => undefined);
      await inTurns(
        takeTasks(taken, tasks.length, (index) => {
          outcomes[index] = run(tasks[index]!);
        }),
        signal,
      );
      // One that has not begun by now finds nothing to do.
      const busy = helpers.filter(({ place }) => Atomics.load(taken, place) === 1);
      const stopped = new Promise<undefined>((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined), { once: true });
      });
      for (const share of await Promise.all(busy.map((helper) => Promise.race([helper.share, stopped])))) {
        signal.throwIfAborted();
        if (share !== undefined)
          unpackShare(share, (index, outcome) => {
            outcomes[index] = outcome;
          });
        await turn();
      }
      signal.throwIfAborted();
      // What a helper took that ended.
      return outcomes.map((outcome, index) => outcome ?? run(tasks[index]!));
    },
  };
}

/** Milliseconds after which a signal is looked for. */
const longest = 100;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function inTurns(steps: Iterable<void>, signal: AbortSignal): Promise<void> {
  let last = performance.now();
  for (const _ of steps) {
    if (performance.now() - last < longest) continue;
    await turn();
    signal.throwIfAborted();
    last = performance.now();
  }
}

function startHelper(data: HelperData): Helper | undefined {
  if (!existsSync(starter)) return undefined;
  try {
    const worker = new Worker(starter, { argv: ['lint'], execArgv: [], workerData: data });
    // Where the command ends before there are tasks, nobody waits for it.
    worker.unref();
    return { worker, place: data.place, share: shareOf(worker) };
  } catch {
    return undefined;
  }
}

function shareOf(worker: Worker): Promise<LintShare | undefined> {
  return new Promise((resolve) => {
    worker.on('message', resolve);
    worker.on('error', () => resolve(undefined));
    worker.on('exit', () => resolve(undefined));
  });
}
