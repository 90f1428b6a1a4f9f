// Tries many inputs in processes of their own, begins a process anew behind the input that ended it, and collects what failed.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzFailure, FuzzJob } from './fuzz-process.ts';

export interface FuzzRun {
  seed: number;
  attempts: number;
  /** Processes at once. */
  jobs: number;
  /** Names of targets; empty: all. */
  only: string[];
  /** An existing folder. */
  scratch: string;
  signal: AbortSignal;
  /** Told from time to time how far it is. */
  report?: ((line: string) => void) | undefined;
  /** Told of each failure when it is found: a run that is stopped loses none. */
  failed?: ((failure: FuzzFailure) => void) | undefined;
}

/** Milliseconds without an input being done after which it is taken for a hang; a loaded machine is slow, too. */
const patience = 120_000;
const script = join(import.meta.dirname, 'fuzz-process.ts');
/** MiB of JavaScript objects. */
const heap = 1024;

export async function runFuzz({
  signal,
  report,
  failed,
  ...run
}: FuzzRun): Promise<{ attempts: number; failures: FuzzFailure[] }> {
  const share = Math.ceil(run.attempts / run.jobs);
  const results = await Promise.all(
    Array.from({ length: run.jobs }, (_, index) => {
      const from = index * share;
      const scratch = join(run.scratch, `${index}`);
      mkdirSync(join(scratch, 'work'), { recursive: true });
      const job = { ...run, from, to: Math.min(run.attempts, from + share), scratch: join(scratch, 'work') };
      return runShare({ ...job, progress: join(scratch, 'progress') }, { signal, report, failed });
    }),
  );
  return {
    attempts: results.reduce((sum, { attempts }) => sum + attempts, 0),
    failures: results.flatMap(({ failures }) => failures),
  };
}

async function runShare(
  job: FuzzJob,
  watching: Pick<FuzzRun, 'signal' | 'report' | 'failed'>,
): Promise<{ attempts: number; failures: FuzzFailure[] }> {
  const failures: FuzzFailure[] = [];
  const { signal, failed } = watching;
  let { from } = job;
  while (from < job.to && !signal.aborted) {
    const ended = await runProcess({ ...job, from }, failures, watching);
    if (ended === undefined) {
      from = job.to;
      break;
    }
    const at = currentOf(job, from);
    from = at + 1;
    if (signal.aborted) break;
    const failure: FuzzFailure = { at, target: '?', what: ended };
    failures.push(failure);
    failed?.(failure);
  }
  return { attempts: Math.min(from, job.to) - job.from, failures };
}

function currentOf({ progress }: FuzzJob, from: number): number {
  try {
    return Math.max(from, Number.parseInt(readFileSync(progress, 'utf8'), 10));
  } catch {
    return from;
  }
}

/** Undefined where the process came to its end; else what ended it. */
function runProcess(
  job: FuzzJob,
  failures: FuzzFailure[],
  { signal, report, failed }: Pick<FuzzRun, 'signal' | 'report' | 'failed'>,
): Promise<string | undefined> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${heap}`, '--import', 'tsx', script, JSON.stringify(job)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let hung = false;
  let last = '';
  let text = '';
  let complaint = '';
  const watch = setInterval(() => {
    const now = `${currentOf(job, job.from)}`;
    report?.(`${now} of ${job.from} to ${job.to}, ${failures.length} failures`);
    if (now === last) {
      hung = true;
      child.kill('SIGKILL');
    }
    last = now;
  }, patience);
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString('utf8')).split('\n');
    text = lines.pop()!;
    for (const line of lines) {
      const failure = JSON.parse(line) as FuzzFailure;
      failures.push(failure);
      failed?.(failure);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000);
    if (process.env['FUZZ_SLOW']) process.stderr.write(chunk);
  });
  return new Promise((resolve) => {
    child.once('close', (code, killer) => {
      clearInterval(watch);
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve(undefined);
      else if (hung) resolve(`no end after ${patience / 1000} s`);
      else resolve(`the process ended with ${code ?? killer}: ${complaint}`);
    });
  });
}
