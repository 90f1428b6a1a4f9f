// Runs steps on a small base of busybox, and looks for what they leave behind.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import type { RootFilesystem, Runtime, StepIO, StepSpec } from '../../src/seams.ts';
import { requireFeature } from './require-feature.ts';

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
const applets =
  'sh cat ls id ps sleep mount true stat grep mkdir touch env pwd df tail awk wc head chroot mknod echo kill hostname chmod chown sed sort readlink ln mv cp rm'.split(
    ' ',
  );

/** A base of busybox, with a fresh upper for each step. */
export function makeBase(folder: string): void {
  for (const name of ['bin', 'etc', 'tmp', 'srv']) mkdirSync(join(folder, 'l/1', name), { recursive: true });
  mkdirSync(join(folder, 'l/2'));
  copyFileSync(busybox!, join(folder, 'l/1/bin/busybox'));
  for (const name of applets) symlinkSync('busybox', join(folder, 'l/1/bin', name));
  writeFileSync(join(folder, 'l/1/etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
  writeFileSync(join(folder, 'l/1/etc/not-run'), '#!/bin/sh\n', { mode: 0o644 });
  writeFileSync(join(folder, 'l/1/etc/odd'), '\x7fELF of no kind\n', { mode: 0o755 });
  chmodSync(join(folder, 'l/1/tmp'), 0o1777);
  symlinkSync('/srv', join(folder, 'l/2/link'));
  writeFileSync(join(folder, 'l/2/lower'), 'from the second layer\n');
}

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
  raw: Buffer;
  upper: string;
  memoryLimitHit?: boolean | undefined;
}

export type StepOptions = Partial<Omit<StepSpec, 'process'>> & {
  process?: Partial<StepSpec['process']>;
  signal?: AbortSignal;
  onOutput?: (text: string) => void;
  /** The root is a folder of its own, not an overlay. */
  whole?: boolean;
  /** The step's input, pace and start. */
  io?: Omit<StepIO, 'onOutput'>;
};

let steps = 0;

/** A step on the base in `folder`, without running it. */
export function makeStep(folder: string, argv: string[], options: StepOptions = {}) {
  const own = join(folder, `step ${process.pid} ${++steps}`);
  for (const name of ['upper', 'work', 'scratch']) mkdirSync(join(own, name), { recursive: true });
  const { process: given, signal: _, onOutput: __, io: ___, whole = false, ...rest } = options;
  const upper = join(own, 'upper');
  if (whole)
    for (const name of ['2', '1'])
      cpSync(join(folder, 'l', name), upper, { recursive: true, verbatimSymlinks: true });
  const root: RootFilesystem = whole
    ? { type: 'directory', path: upper }
    : {
        ...{ type: 'overlay', base: join(folder, 'l'), lowers: ['1', '2'], options: ['metacopy=off'] },
        ...{ upper, work: join(own, 'work') },
      };
  const spec: StepSpec = {
    ...{ root, mounts: [], hostname: 'buildkitsandbox', network: 'default', security: 'sandbox' },
    ...{ shmSize: undefined, ulimits: [], scratch: join(own, 'scratch'), ...rest },
    process: { argv, env: ['PATH=/bin'], cwd: '/', uid: 0, gid: 0, groups: [], ...given },
  };
  return { spec, upper };
}

/** Ids of processes whose command line holds `text`. */
export function processesOf(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

/** Ids of processes that see a mount whose line holds `text`. */
export function mountsOf(text: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/mountinfo`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a runtime can run a step here. */
export async function stepWorks(runtime: Runtime, options: StepOptions = {}): Promise<boolean> {
  if (busybox === undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), 'works-'));
  try {
    makeBase(folder);
    const { spec } = makeStep(folder, ['/bin/true'], options);
    const end = await runtime.run(spec, { onOutput() {} }, new AbortController().signal);
    return end.exitCode === 0;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface RuntimeSubject {
  name: string;
  create: () => Runtime;
  works: boolean;
  /** Its steps have folders of their own as roots. */
  whole?: boolean;
  /** Titles of what it can't hold to. */
  without?: readonly string[];
}

export interface StepBench {
  name: string;
  folder(): string;
  /** Runs a program as a step. */
  run(argv: string[], options?: StepOptions): Promise<Ran>;
  /** Runs a script with the base's shell. */
  sh(script: string, options?: StepOptions): Promise<Ran>;
  /** What a script writes to stdout. */
  out(script: string, options?: StepOptions): Promise<string>;
  /** A test that needs the runtime. */
  it(title: string, body: () => Promise<void>): void;
}

/** A suite named after the runtime; `fill` adds its tests. */
export function benchSuite(subject: RuntimeSubject, fill: (bench: StepBench) => void): void {
  const test = suite(`${subject.name}: runtime`);
  let folder = '';
  const available = subject.works && busybox !== undefined;

  const run: StepBench['run'] = async (argv, options = {}) => {
    const { spec, upper } = makeStep(folder, argv, { whole: subject.whole ?? false, ...options });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const onOutput = (stream: 'stdout' | 'stderr', chunk: Buffer): void => {
      chunks[stream].push(chunk);
      options.onOutput?.(chunk.toString());
    };
    const signal = options.signal ?? new AbortController().signal;
    const end = await subject.create().run(spec, { ...options.io, onOutput }, signal);
    const { exitCode, memoryLimitHit } = end;
    const raw = Buffer.concat(chunks.stdout);
    const stderr = Buffer.concat(chunks.stderr).toString();
    return { exitCode, stdout: raw.toString(), stderr, raw, upper, memoryLimitHit };
  };
  const sh: StepBench['sh'] = (script, options) => run(['/bin/sh', '-c', script], options);

  test.before(() => {
    folder = mkdtempSync(join(tmpdir(), 'runtime #'));
    if (available) makeBase(folder);
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  fill({
    ...{ name: subject.name, folder: () => folder, run, sh },
    out: async (script, options) => (await sh(script, options)).stdout,
    it: (title, body) => {
      if (subject.without?.includes(title)) return;
      test(title, async () => {
        if (requireFeature(subject.name, available)) await body();
      });
    },
  });
  test.run();
}
