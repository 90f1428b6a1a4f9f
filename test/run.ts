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
const isEndToEnd = (file: string) => file.includes('/test/e2e/');

function matches(path: string): boolean {
  return wanted.length === 0 || wanted.some((part) => path.includes(part));
}

/** Started first, so that nothing waits for them at the end. */
const slow = ['node-app', 'debian-nginx', 'bad-days', 'cache'];
const slowness = (file: string): number => slow.findIndex((name) => file.endsWith(`/${name}.test.ts`));

function slowestFirst(a: string, b: string): number {
  const [first, second] = [slowness(a), slowness(b)].map((n) => (n < 0 ? slow.length : n));
  return first! - second! || (a < b ? -1 : 1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const missing = new Map<string, number>();
const failedFiles: string[] = [];

function report(file: string, result: FileResult): void {
  const name = relative(top, file);
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped += result.skipped;
  for (const feature of result.missing) missing.set(feature, (missing.get(feature) ?? 0) + 1);
  if (result.failed > 0) failedFiles.push(name);
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
await runInWorkers(unit, { workers, filesPerWorker: Number.POSITIVE_INFINITY, seconds: 120, report });
// Each of these starts processes of its own, mounts and kills: a fresh process keeps it from the next.
await runInWorkers(chosen.filter(isEndToEnd).sort(slowestFirst), {
  workers,
  filesPerWorker: 1,
  seconds: 600,
  report,
});

if (chosen.length === 0) {
  console.log(`no test file matches ${wanted.join(' ')}`);
  total.failed++;
}
for (const [feature, count] of missing) console.log(`skipped for want of ${feature}: ${count}`);
for (const name of failedFiles) console.log(`failed: ${name}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
