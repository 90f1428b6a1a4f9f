// Runs the suite: every test/**/*.test.ts, or those whose path holds one of the arguments. The unit part first, e2e last.
// The last line is always `N passed, N failed, N skipped`.
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import glob from 'fast-glob';
import { runInWorkers } from './support/worker-pool.ts';
import type { FileResult } from './support/worker-report.ts';

const top = resolve(import.meta.dirname, '..');
const wanted = process.argv.slice(2);
const all = (await glob('test/**/*.test.ts', { cwd: top, absolute: true })).sort();
const chosen = all.filter((file) => matches(relative(top, file)));
const isEndToEnd = (file: string) => file.includes('/test/e2e/') || file.includes('/test/hard/');

function matches(path: string): boolean {
  return wanted.length === 0 || wanted.some((part) => path.includes(part));
}

/** Started first, so that nothing waits for them at the end. */
const slow = ['hard', 'node-app', 'debian-nginx', 'bad-days', 'cache'];
const slowness = (file: string): number => slow.findIndex((name) => file.endsWith(`/${name}.test.ts`));

function slowestFirst(a: string, b: string): number {
  const [first, second] = [slowness(a), slowness(b)].map((n) => (n < 0 ? slow.length : n));
  return first! - second! || (a < b ? -1 : 1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const missing = new Map<string, number>();
const failed = new Map<string, FileResult>();

function count(result: FileResult, sign: 1 | -1): void {
  total.passed += sign * result.passed;
  total.failed += sign * result.failed;
  total.skipped += sign * result.skipped;
  for (const feature of result.missing) missing.set(feature, (missing.get(feature) ?? 0) + sign);
}

function report(file: string, result: FileResult): void {
  const name = relative(top, file);
  count(result, 1);
  if (result.failed > 0) failed.set(file, result);
  const counts = [`${result.passed} passed`];
  if (result.failed > 0) counts.push(`${result.failed} failed`);
  if (result.skipped > 0) counts.push(`${result.skipped} skipped`);
  console.log(
    `${result.failed > 0 ? 'FAIL' : 'ok  '} ${name}: ${counts.join(', ')} (${Math.round(result.ms)} ms)`,
  );
  if (result.failed > 0) console.log(result.output.trimEnd().replace(/^/gm, '    '));
}

const workers = Math.min(2, availableParallelism());
const unit = chosen.filter((file) => !isEndToEnd(file));
await runInWorkers(unit, { workers, filesPerWorker: Number.POSITIVE_INFINITY, seconds: 300, report });
// Each of these starts processes of its own, mounts and kills: a fresh process keeps it from the next.
await runInWorkers(chosen.filter(isEndToEnd).sort(slowestFirst), {
  workers,
  filesPerWorker: 1,
  seconds: 600,
  report,
});

/** More files than this don't fail by the machine's load. */
const mostAgain = 2;

/** A file that failed beside others runs once more, alone: it is told what only fails in a crowd, and that stays to be mended. */
async function runAgainAlone(files: string[]): Promise<void> {
  const again = new Map<string, FileResult>();
  const seconds = 600;
  await runInWorkers(files, {
    workers: 1,
    filesPerWorker: 1,
    seconds,
    report: (file, result) => again.set(file, result),
  });
  for (const [file, result] of again) {
    if (result.failed > 0) continue;
    count(failed.get(file)!, -1);
    count(result, 1);
    failed.delete(file);
    console.log(`flaky: ${relative(top, file)}: failed beside other files, passed alone`);
  }
}
if (failed.size <= mostAgain) await runAgainAlone([...failed.keys()]);

if (chosen.length === 0) {
  console.log(`no test file matches ${wanted.join(' ')}`);
  total.failed++;
}
for (const [feature, times] of missing)
  if (times > 0) console.log(`skipped for want of ${feature}: ${times}`);
for (const file of failed.keys()) console.log(`failed: ${relative(top, file)}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
