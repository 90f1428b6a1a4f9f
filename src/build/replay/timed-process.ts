// Runs a builder in a process of its own, and says what that took: wall clock, CPU time of all that it waited for, peak of memory.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SlipwayError, systemCode } from '../../errors.ts';

export interface TimedRun {
  code: number;
  /** The last of what it wrote to both streams. */
  log: string;
  seconds: number;
  cpu: number | null;
  peakMemory: number | null;
}

export interface TimedOptions {
  env: Record<string, string | undefined>;
  cwd: string;
  /** It is asked to end, and waited for. */
  signal: AbortSignal;
}

/** Of proc(5): what the kernel counts in, everywhere that Linux runs. */
const ticksPerSecond = 100;
const pollMs = 25;
const logLimit = 1 << 20;
/** Milliseconds for a builder that was asked to end. */
const patience = 10_000;

/** User and system time of the children that have ended, in seconds; null where there is no /proc. */
function childrenTime(): number | null {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
  } catch {
    return null;
  }
}

function peakOf(pid: number): number | null {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** One at a time: the CPU time of others would count, too. @throws the signal's reason; ERR_UNSUPPORTED where the program is missing */
export async function timedProcess(argv: readonly string[], options: TimedOptions): Promise<TimedRun> {
  const { env, cwd, signal } = options;
  signal.throwIfAborted();
  const [file = '', ...args] = argv;
  const cpuBefore = childrenTime();
  const start = performance.now();
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let seconds = 0;
  let log = '';
  const read = (chunk: Buffer): void => {
    log = (log + chunk.toString('utf8')).slice(-logLimit);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  let peakMemory: number | null = null;
  const watch = setInterval(() => {
    const peak = child.pid === undefined ? null : peakOf(child.pid);
    if (peak !== null) peakMemory = Math.max(peak, peakMemory ?? 0);
  }, pollMs);
  let last: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill('SIGTERM');
    last = setTimeout(() => child.kill('SIGKILL'), patience);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number>((done, fail) => {
      child.once('error', fail);
      child.once('exit', () => {
        seconds = (performance.now() - start) / 1000;
      });
      child.once('close', (exit) => done(exit ?? 128));
    });
    signal.throwIfAborted();
    const cpuAfter = childrenTime();
    const cpu = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
    return { code, log, seconds, cpu: cpu === null ? null : Number(cpu.toFixed(2)), peakMemory };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new SlipwayError('ERR_UNSUPPORTED', `${file} can't be started`, { cause: error });
  } finally {
    clearInterval(watch);
    clearTimeout(last);
    signal.removeEventListener('abort', stop);
  }
}
