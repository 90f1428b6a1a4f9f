// A build to be hurt: a context with every kind of step, state folders that it fills, and what may not be left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from '../../src/engine.ts';
import { deadGroups } from '../../src/runtime/dead-groups.ts';
import { busyboxBase } from '../support/busybox-base.ts';
import { top } from '../support/cli.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  milliseconds: number;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** What it has said so far, on both streams. */
  said(): string;
}

export interface CrashBench {
  context: string;
  base: string;
  /** A folder of its own; nothing of the state is there yet. */
  root(name: string): string;
  /** In a process group of its own, as a terminal starts it. */
  start(args: readonly string[], options: StartOptions): Running;
  run(args: readonly string[], options: StartOptions): Promise<Ended>;
}

export interface StartOptions {
  root: string;
  env?: Record<string, string>;
  /** A program that runs it, and its arguments. */
  under?: readonly string[];
}

const program = join(top, 'dist/cli/main.js');

/** Of one machine at any time: epochs, and a step for each thing that can be half done. A program that is killed within a step fails it. */
const dockerfile = [
  'FROM base AS made',
  'WORKDIR /made',
  'COPY big /made/big',
  'RUN --mount=type=cache,target=/cache set -e; cat big > /cache/copy; wc -c < /cache/copy > size; i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i > file$i; done',
  'RUN ln size hard && ln -s size soft && rm file1 && mkfifo pipe',
  'FROM base AS other',
  'RUN mkdir /other && seq 3000 > /other/numbers',
  'FROM base',
  'COPY tree /tree',
  'COPY --from=made /made /made',
  'COPY --from=other /other /other',
  'RUN rm -rf /tree/d1 && cat /made/size > /last',
].join('\n');

export const buildFlags = (base: string): string[] => [
  ...['--progress=plain', '--build-arg=SOURCE_DATE_EPOCH=1000000000'],
  `--build-context=base=oci-layout://${base}:latest`,
];

export async function crashBench(scratch: string): Promise<CrashBench> {
  const context = join(scratch, 'context');
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), text);
  };
  put('Dockerfile', dockerfile);
  put('big', 'some text that is compressed to little\n'.repeat(60_000));
  for (let i = 0; i < 120; i++) put(`tree/d${i % 5}/f${i}`, `file ${i}\n`.repeat(i));
  const base = join(scratch, 'base');
  await busyboxBase(base);
  const bench: CrashBench = {
    context,
    base,
    root: (name) => join(scratch, 'roots', name),
    start(args, { root, env, under = [] }) {
      const started = performance.now();
      const [file = '', ...words] = [...under, process.execPath, program, ...args];
      const child = spawn(file, words, {
        cwd: scratch,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...{ PATH: process.env['PATH'], HOME: scratch, TMPDIR: process.env['TMPDIR'] },
          ...{ SLIPWAY_ROOT: root, ...env },
        },
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString();
      const ended = new Promise<Ended>((done, fail) => {
        child.on('error', fail);
        // Not `close`: what is left of a step may have the streams open, which is looked for later.
        child.on('exit', (code, signal) => {
          const milliseconds = performance.now() - started;
          setImmediate(() =>
            done({ code, signal, stdout: text(stdout), stderr: text(stderr), milliseconds }),
          );
        });
      });
      return { child, ended, said: () => text(stdout) + text(stderr) };
    },
    run: (args, options) => bench.start(args, options).ended,
  };
  return bench;
}

/** Every process whose command line, working folder, open files or mounts lead below a folder. */
export function processesBelow(folder: string): string[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return names.filter((pid) => {
    const text = (file: string): string => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'latin1');
      } catch {
        return '';
      }
    };
    return ['cmdline', 'environ', 'mountinfo'].some(
      (file) => text(file).includes(`${folder}/`) || text(file).includes(`${folder}\0`),
    );
  });
}

/** Waits a moment, for the kernel needs one; what is there after it stays. */
async function staysTrue(condition: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (!condition()) return false;
    await pause(20);
  }
  return true;
}

/** What a killed command may not leave at all: processes, mounts, a store that is not sound. */
export async function wrongAfterKill(root: string, signal: AbortSignal): Promise<string | undefined> {
  if (await staysTrue(() => processesBelow(root).length > 0)) {
    const [pid] = processesBelow(root);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
    return `process ${pid} is left: ${command}`;
  }
  if (readFileSync('/proc/mounts', 'utf8').includes(` ${root}/`)) return 'a mount is left';
  return unsoundness(root, signal);
}

/** As `slipway doctor --store` finds it. */
export async function unsoundness(root: string, signal: AbortSignal): Promise<string | undefined> {
  const { images } = createEngine({
    ...{ root, isolation: 'auto', snapshotter: 'auto', parallelism: 1, env: { PATH: process.env['PATH'] } },
  });
  const { sound, findings } = await images.check({ quick: false, repair: false }, { signal });
  const damage = findings.filter(({ kind }) => kind === 'damage');
  return sound ? undefined : damage.map(({ path, what }) => `${path} ${what}`).join('; ');
}

/** What the next build should have cleared. @param outputs folders in which results lie */
export async function leftAfterBuild(
  root: string,
  outputs: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const { images } = createEngine({
    ...{ root, isolation: 'auto', snapshotter: 'auto', parallelism: 1, env: { PATH: process.env['PATH'] } },
  });
  const { findings } = await images.check({ quick: true, repair: false }, { signal });
  // An unfinished record is in nobody's way: who has its key writes it anew.
  const left = findings.filter(({ what }) => what !== 'was never finished');
  if (left.length > 0) return left.map(({ path, what }) => `${path} ${what}`).join('; ');
  const [group] = deadGroups();
  if (group !== undefined) return `the cgroup ${group}`;
  const parts = outputs.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  const temporary = parts.find((name) => /\.\d+-\d*-[0-9a-f]{8}\.[0-9a-f]{12}$/.test(name));
  return temporary && `the file ${temporary}`;
}
