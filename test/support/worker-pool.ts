// Hands test files to a few child processes. A file that hangs, or ends its process, costs itself alone.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FileResult, reportMark, type WorkerReport } from './worker-report.ts';

export interface PoolOptions {
  workers: number;
  /** After so many files a process is replaced. */
  filesPerWorker: number;
  /** What a file may take before its process is killed. */
  seconds: number;
  report(file: string, result: FileResult): void;
}

interface Worker {
  child: ChildProcess;
  output: string[];
  ended: Promise<string>;
  onReport: (report: WorkerReport) => void;
}

function startWorker(): Worker {
  // A group of its own, so that a hanging file's processes end with it.
  const child = fork(join(import.meta.dirname, 'test-worker.ts'), { silent: true, detached: true });
  const output: string[] = [];
  const ended = new Promise<string>((done) => {
    child.on('close', (code, signal) => done(signal === null ? `code ${code}` : signal));
  });
  const worker: Worker = { child, output, ended, onReport: () => {} };
  let pending = '';
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stdout?.on('data', (chunk: Buffer) => {
    pending += chunk.toString();
    const [text = '', report] = pending.split(reportMark, 2);
    output.push(text);
    pending = '';
    if (report === undefined) return;
    if (report.endsWith('\n')) worker.onReport(JSON.parse(report) as WorkerReport);
    else pending = reportMark + report;
  });
  return worker;
}

function killGroup(worker: Worker): void {
  try {
    if (worker.child.pid !== undefined) process.kill(-worker.child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

async function runOne(
  worker: Worker,
  file: string,
  seconds: number,
): Promise<FileResult & { alive: boolean }> {
  const start = performance.now();
  worker.output.length = 0;
  const timer = new AbortController();
  const answered = new Promise<WorkerReport>((done) => {
    worker.onReport = done;
  });
  worker.child.send(file);
  const outcome = await Promise.race([
    answered,
    worker.ended,
    delay(seconds * 1000, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const),
  ]);
  timer.abort();
  const ms = performance.now() - start;
  if (typeof outcome !== 'string') return { ...outcome, output: worker.output.join(''), ms, alive: true };
  killGroup(worker);
  const why =
    outcome === 'late' ? `No end after ${seconds} s: killed.` : `The file ended its process (${outcome}).`;
  worker.output.push(`\n${why}\n`);
  return { passed: 0, failed: 1, skipped: 0, missing: [], output: worker.output.join(''), ms, alive: false };
}

/** Runs every file once, in order of start, and reports each as it ends. */
export async function runInWorkers(files: readonly string[], options: PoolOptions): Promise<void> {
  const queue = [...files];
  const running = new Set<Worker>();
  const stop = () => {
    for (const worker of running) killGroup(worker);
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    let done = 0;
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (worker === undefined) {
        worker = startWorker();
        running.add(worker);
      }
      const { alive, ...result } = await runOne(worker, file, options.seconds);
      done++;
      options.report(file, result);
      if (!alive || done % options.filesPerWorker === 0) {
        killGroup(worker);
        running.delete(worker);
        worker = undefined;
      }
    }
    if (worker !== undefined) {
      killGroup(worker);
      running.delete(worker);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, files.length) }, work));
  process.off('SIGINT', stop).off('SIGTERM', stop);
}
