// What disks and people do to a state folder and to outputs: one clear error at most, a store that is sound, and a next build as ever.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createEngine } from '../../../src/engine.ts';
import { haveBusybox } from '../../support/busybox-base.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { mustRun } from '../../support/run-command.ts';
import { damages } from '../../support/store-damage.ts';
import { buildFlags, type CrashBench, crashBench, type Ended, unsoundness } from '../crash-bench.ts';
import type { HardOptions, HardResult, HardSection } from '../section.ts';

interface Trial {
  bench: CrashBench;
  /** Not there yet. */
  root: string;
  out: string;
  random: Random;
  /** A copy of what a good build has left. */
  warm(): Promise<void>;
  build(more?: readonly string[], under?: readonly string[]): Promise<Ended>;
  /** Mounts a small file system; it is unmounted in the end. */
  mount(path: string, options: string): Promise<void>;
  remount(path: string, options: string): Promise<void>;
}

interface Fault {
  name: string;
  /** Does the damage and the build under it, then takes it away; returns how the build ended. */
  run(trial: Trial): Promise<Ended>;
  /** The build has to fail. */
  fails?: boolean;
  /** What was damaged is to be repaired before all is sound again. */
  repairs?: boolean;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

const faults: Fault[] = [
  {
    name: 'a state folder on a disk that is full',
    async run({ root, random, mount, remount, build }) {
      await mount(root, `size=${64 + random.number(4000)}k`);
      const ended = await build();
      await remount(root, 'size=400m');
      return ended;
    },
  },
  {
    name: 'a state folder on a disk without inodes',
    async run({ root, random, mount, remount, build }) {
      await mount(root, `size=400m,nr_inodes=${4 + random.number(300)}`);
      const ended = await build();
      await remount(root, 'size=400m,nr_inodes=100000');
      return ended;
    },
  },
  {
    name: 'an output on a disk that is full',
    fails: true,
    async run({ out, random, mount, remount, build, warm }) {
      await warm();
      await mount(out, `size=${16 + random.number(300)}k`);
      const type = random.pick([
        'oci,dest=OUT/image.tar',
        'docker,dest=OUT/image.tar',
        'oci,dest=OUT/layout,tar=false',
        'local,dest=OUT/files',
        'tar,dest=OUT/files.tar',
      ]);
      const ended = await build([`--output=type=${type.replace('OUT', out)}`]);
      const left =
        ended.code === 0
          ? []
          : readdirSync(out).filter((name) => name.endsWith('.tar') || name.startsWith('.'));
      await remount(out, 'size=400m');
      if (left.length > 0) throw new Error(`${left.join(', ')} is left`);
      return ended;
    },
  },
  {
    name: 'a state folder that can only be read',
    async run({ root, random, mount, remount, build, bench }) {
      await mount(root, 'size=400m');
      if (random.chance(50)) await bench.run(['build', ...buildFlags(bench.base), bench.context], { root });
      await remount(root, 'ro');
      const ended = await build(random.chance(50) ? ['--no-cache'] : []);
      await remount(root, 'rw');
      return ended;
    },
  },
  ...damages.map(
    ({ what, do: damage }): Fault => ({
      name: what,
      repairs: true,
      async run({ root, random, build, warm }) {
        await warm();
        damage(root, random);
        return build();
      },
    }),
  ),
  {
    name: 'times in the future',
    async run({ root, build, warm }) {
      await warm();
      const future = Date.now() / 1000 + 10 * 365 * 24 * 3600;
      for (const path of filesBelow(root)) if (existsSync(path)) utimesSync(path, future, future);
      return build();
    },
  },
  {
    name: 'a store of another version',
    fails: true,
    async run({ root, random, build, warm }) {
      await warm();
      const file = join(root, 'store.json');
      const own = readFileSync(file);
      writeFileSync(file, random.pick(['{"version":0}', '{"version":2}', '{}', 'null', '', '\0\0\0']));
      const ended = await build();
      writeFileSync(file, own);
      return ended;
    },
  },
  {
    name: "another user's store",
    fails: true,
    async run({ root, build, warm }) {
      await warm();
      chmodSync(root, 0o700);
      return build([], ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']);
    },
  },
  {
    name: 'a file of the context that may not be read',
    fails: true,
    async run({ bench, random, build }) {
      const path = join(bench.context, random.pick(['big', 'tree/d1/f11', 'tree/d3']));
      const { mode } = statSync(path);
      chmodSync(path, 0);
      try {
        // Root reads all that it may not but for this right.
        return await build([], ['setpriv', '--bounding-set=-dac_override,-dac_read_search']);
      } finally {
        chmodSync(path, mode & 0o7777);
      }
    },
  },
  {
    name: 'a folder for temporary files without room',
    async run({ out, mount, build }) {
      const folder = join(out, 'temporary');
      await mount(folder, 'size=4k,nr_inodes=2');
      writeFileSync(join(folder, 'all'), Buffer.alloc(4096));
      return build([], ['env', `TMPDIR=${folder}`]);
    },
  },
  {
    name: 'a folder for temporary files that is not there',
    run: ({ out, build }) => build([], ['env', `TMPDIR=${join(out, 'nowhere')}`]),
  },
  {
    name: 'a state folder that somebody deletes meanwhile',
    repairs: true,
    async run({ bench, root, out, random }) {
      const running = bench.start(['build', ...buildFlags(bench.base), bench.context], { root });
      await pause(random.number(2500));
      const parts = ['', 'tmp', 'blobs', 'cache-v2', 'snapshots-v2', 'layers-v1', 'locks', 'leases-v1'];
      const part = join(root, random.pick(parts));
      // At once, as nothing that deletes file by file can against who makes new ones.
      if (existsSync(part)) renameSync(part, join(out, 'gone'));
      return running.ended;
    },
  },
  {
    name: 'a state folder that is a file',
    fails: true,
    async run({ root, build }) {
      writeFileSync(root, 'no folder');
      const ended = await build();
      rmSync(root);
      return ended;
    },
  },
];

/** One clear error with what to do, and the code of an environment or a step that fails. */
function wrongEnd({ code, signal, stderr }: Ended, fails: boolean): string | undefined {
  const said = `\n${stderr.slice(-3000)}`;
  if (code === 0) return fails ? 'the build succeeded' : undefined;
  if (code === null || ![1, 2, 3].includes(code)) return `it ended with ${code ?? signal}:${said}`;
  if (/\n\s+at .+:\d+:\d+|a bug in slipway/.test(stderr)) return `it told of a bug:${said}`;
  return /^ERROR: /m.test(stderr) ? undefined : `it told no error:${said}`;
}

async function attempt(
  fault: Fault,
  trial: Trial,
  usual: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { root, out } = trial;
  const wrong = wrongEnd(await fault.run(trial), fault.fails ?? false);
  if (wrong !== undefined) return wrong;
  if (fault.repairs) {
    const env = { PATH: process.env['PATH'] };
    const engine = createEngine({ root, isolation: 'auto', snapshotter: 'auto', parallelism: 1, env });
    await engine.images.check({ quick: false, repair: true }, { signal });
  } else {
    const unsound = await unsoundness(root, signal);
    if (unsound !== undefined) return `the store is not sound: ${unsound}`;
  }
  const again = await trial.build([`--iidfile=${join(out, 'id')}`]);
  if (again.code !== 0) return `without the fault the build fails:\n${again.stderr.slice(-3000)}`;
  const id = readFileSync(join(out, 'id'), 'utf8');
  return id === usual ? undefined : `without the fault it makes ${id}, and not ${usual}`;
}

async function run({ attempts, seed, signal, scratch, report }: HardOptions): Promise<HardResult> {
  if (!haveBusybox || process.getuid?.() !== 0)
    return { attempts: 0, failures: [], missing: 'busybox-static and root' };
  const bench = await crashBench(scratch);
  const build = ['build', ...buildFlags(bench.base), '--output=type=image,rewrite-timestamp=true'];
  const template = bench.root('warm');
  const id = join(scratch, 'id');
  const first = await bench.run([...build, '-t', 'app:1', `--iidfile=${id}`, bench.context], {
    root: template,
  });
  if (first.code !== 0) throw new Error(first.stderr);
  const usual = readFileSync(id, 'utf8');
  const failures: HardResult['failures'] = [];
  const start = createRandom(seed).number(faults.length);
  for (let number = 0; number < attempts; number++) {
    signal.throwIfAborted();
    // A few attempts go over all of them in steps.
    const stride = attempts < faults.length ? Math.floor(faults.length / attempts) : 1;
    const fault = faults[(start + number * stride) % faults.length]!;
    report(`${number + 1} of ${attempts}: ${fault.name}`);
    const mounted: string[] = [];
    const trial: Trial = {
      ...{ bench, root: bench.root(`${number}`), out: join(scratch, `out-${number}`) },
      random: createRandom(seed * 1_000_003 + number),
      warm: async () => void (await mustRun(['cp', '-a', template, trial.root])),
      build: (more = [], under = []) =>
        bench.run([...build, '-t', 'app:1', ...more, bench.context], { root: trial.root, under }),
      async mount(path, options) {
        mkdirSync(path, { recursive: true });
        await mustRun(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', path]);
        mounted.push(path);
      },
      remount: async (path, options) => void (await mustRun(['mount', '-o', `remount,${options}`, path])),
    };
    mkdirSync(trial.out, { recursive: true });
    const what = await attempt(fault, trial, usual, signal).catch((error: unknown) => String(error));
    for (const path of mounted) await mustRun(['umount', '-l', path]);
    for (const path of [trial.root, trial.out]) rmSync(path, { recursive: true, force: true });
    if (what !== undefined) {
      const again = `npm run test:hard -- faults --seed=${seed}`;
      failures.push({ what: `${fault.name}, attempt ${number}: ${what}`, again });
    }
  }
  return { attempts, failures };
}

export const section: HardSection = {
  name: 'faults',
  what: 'full disks, damaged files, other versions, other users: a clear error, a sound store, a next build as ever',
  bounded: 5,
  full: 150,
  run,
};
