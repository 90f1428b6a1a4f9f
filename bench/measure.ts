// Runs a command and says what it took: wall clock, CPU time of all that it started, and the peak of its memory.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Measured } from './builder.ts';

export interface MeasureOptions {
  env: Record<string, string | undefined>;
  cwd?: string;
  /** Processes that do the work on the command's behalf and are children of no command: their time counts, too. */
  daemons?: readonly number[];
  /** Sum the memory of all processes below that run the same program as the command itself. */
  wholeTree?: boolean;
}

export type Ran = Measured & { code: number; log: string };

const tick = 1000 / 100;
const pollMs = 25;

/** Milliseconds of user and system time: those of ended children, and with `own` the process's too (proc(5), /proc/pid/stat). */
function cpuTime(pid: number | 'self', own: boolean): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const sum = (from: number): number => Number(fields[from]) + Number(fields[from + 1]);
  // Field 14 of the manual is the twelfth after the name.
  return (sum(13) + (own ? sum(11) : 0)) * tick;
}

/** Bytes; 0 where the process is gone. */
function peakOf(pid: number | string): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const nameOf = (pid: number | string): string | undefined => {
  try {
    return /^Name:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
};

function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Keeps the peak of each process of the tree that runs the same program as the root. */
function watchTree(root: number, peaks: Map<string, number>): void {
  const children = new Map<number, string[]>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const parent = parentOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const program = nameOf(root);
  const visit = (pid: string): void => {
    if (nameOf(pid) === program) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)));
    for (const child of children.get(Number(pid)) ?? []) visit(child);
  };
  visit(String(root));
}

/**
 * Waits for the command's end. Memory is read every 25 ms from VmHWM, which the kernel keeps as the highest so far: what is missed is
 * a rise in the last moments alone.
 */
export async function measure(argv: readonly string[], options: MeasureOptions): Promise<Ran> {
  const { daemons = [], wholeTree = false } = options;
  const [file = '', ...args] = argv;
  const cpu = (): number => daemons.reduce((sum, pid) => sum + cpuTime(pid, true), cpuTime('self', false));
  const cpuBefore = cpu();
  const start = performance.now();
  const child = spawn(file, args, {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const pid = child.pid ?? 0;
  let ms = 0;
  const peaks = new Map<string, number>();
  const look = (): void => {
    if (wholeTree) watchTree(pid, peaks);
    else peaks.set('', Math.max(peaks.get('') ?? 0, peakOf(pid)));
  };
  const watch = setInterval(look, pollMs);
  const code = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('exit', () => {
      ms = performance.now() - start;
    });
    child.on('close', (exit) => done(exit ?? 128));
  }).finally(() => clearInterval(watch));
  return {
    ...{ ms, cpuMs: cpu() - cpuBefore, code, log: Buffer.concat(chunks).toString() },
    rss: [...peaks.values()].reduce((sum, peak) => sum + peak, 0),
    daemonRss: daemons.reduce((sum, daemon) => sum + peakOf(daemon), 0),
  };
}

/** As `measure`; a code other than 0 throws with all that was said. */
export async function mustMeasure(argv: readonly string[], options: MeasureOptions): Promise<Ran> {
  const ran = await measure(argv, options);
  if (ran.code !== 0) throw new Error(`${argv.join(' ')}: code ${ran.code}\n${ran.log.slice(-4000)}`);
  return ran;
}
