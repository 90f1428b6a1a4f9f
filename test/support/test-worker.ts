// The child process of the test runner: takes one file after another from its parent and runs the suites it queues.
// uvu takes three mishaps for success, and they are failures here: a hook that throws, a file that queues nothing, an empty suite.
import { skipped } from './require-feature.ts';
import { reportMark, type WorkerReport } from './worker-report.ts';

/** uvu's own form: the failures as text (or true), then how many passed, were skipped, and were there. */
type QueuedSuite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

const shared = globalThis as unknown as {
  UVU_DEFER: number;
  UVU_INDEX: number;
  UVU_QUEUE: [null, ...QueuedSuite[]][];
};

function complain(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

async function runFile(file: string): Promise<WorkerReport> {
  const before = skipped.length;
  shared.UVU_DEFER = 1;
  shared.UVU_INDEX = 0;
  shared.UVU_QUEUE = [[null]];
  await import(file);
  const suites = shared.UVU_QUEUE[0]?.slice(1) as QueuedSuite[];
  // A file may find on loading that it can do nothing here: that is no empty file.
  const gaveUpEarly = skipped.length > before;
  const report: WorkerReport = { passed: 0, failed: 0, skipped: skipped.length - before, missing: [] };
  const fail = (text: string): void => {
    complain(text);
    report.failed++;
  };
  if (suites.length === 0 && !gaveUpEarly) fail('This file runs no suite: did it forget test.run()?');
  for (const suite of suites) {
    const skippedBefore = skipped.length;
    const [errors, passed, left, total] = await suite();
    const gaveUp = skipped.length - skippedBefore;
    report.passed += Math.max(0, passed - gaveUp);
    report.skipped += left + gaveUp;
    if (errors === true && total === 0 && left === 0 && !gaveUpEarly) fail('This suite holds no test.');
    // With a test that failed, errors is a text; without one, tests are missing only where a hook threw.
    else if (errors === true && passed < total) fail(`A hook threw: ${passed} of ${total} tests passed.`);
    else report.failed += total - passed;
    if (errors !== true) complain(errors);
  }
  report.missing = skipped.slice(before);
  return report;
}

function answer(report: WorkerReport): void {
  process.stdout.write(`${reportMark}${JSON.stringify(report)}\n`);
}

process.on('message', (file: string) => {
  runFile(file).then(answer, (error: unknown) => {
    complain(`The file failed outside of its tests: ${error instanceof Error ? error.stack : String(error)}`);
    answer({ passed: 0, failed: 1, skipped: 0, missing: [] });
  });
});
process.on('disconnect', () => process.exit());
