// A thread that helps `slipway lint`: where the starter finds itself in one, it loads this.
import { parentPort, workerData } from 'node:worker_threads';
import { openLinter } from '../../index.ts';
import { packShare } from './lint-share.ts';
import { type LintOutcome, openTaskRunner, takeTasks } from './lint-task.ts';
import type { HelperData, HelperOrder } from './lint-threads.ts';

const linter = openLinter();

async function help({ tasks, state }: HelperOrder): Promise<void> {
  const { taken, place } = workerData as HelperData;
  const run = await openTaskRunner(await linter, state);
  const share: [index: number, outcome: LintOutcome][] = [];
  Atomics.store(taken, place, 1);
  const steps = takeTasks(taken, tasks.length, (index) => {
    share.push([index, run(tasks[index]!)]);
  });
  while (!steps.next().done);
  const packed = packShare(share);
  parentPort!.postMessage(packed, [packed.numbers.buffer as ArrayBuffer]);
}

parentPort!.once('message', (order: HelperOrder) => void help(order));
