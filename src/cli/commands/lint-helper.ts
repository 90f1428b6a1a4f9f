// A thread that helps `slipway lint`: where the starter finds itself in one, it loads this.
import { parentPort, workerData } from 'node:worker_threads';
import { openLinter } from '../../index.ts';
import { openTaskRunner, takeTasks } from './lint-task.ts';
import type { HelperData, HelperShare } from './lint-threads.ts';

async function help({ tasks, state, taken }: HelperData): Promise<void> {
  const run = await openTaskRunner(await openLinter(), state);
  const share: HelperShare = [];
  takeTasks(taken, tasks.length, (index) => {
    share.push([index, run(tasks[index]!)]);
  });
  parentPort!.postMessage(share);
}

void help(workerData as HelperData);
