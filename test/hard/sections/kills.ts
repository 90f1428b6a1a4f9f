// Commands that are killed at any moment: nothing is lost, nothing is left, and the next one makes what an undisturbed one does.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { haveBusybox } from '../../support/busybox-base.ts';
import { hasDockerRegistry } from '../../support/docker-registry.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { findProgram } from '../../support/run-command.ts';
import {
  buildFlags,
  type CrashBench,
  crashBench,
  type Ended,
  leftAfterBuild,
  wrongAfterKill,
} from '../crash-bench.ts';
import { type KillWork, type KillWorks, killWorks, type Place } from '../kill-work.ts';
import type { HardOptions, HardResult, HardSection } from '../section.ts';

/** Who is killed, and how: all that a terminal or a cgroup reaches, the program alone, something that it started, or at a system call. */
const ways = ['group', 'main', 'SIGTERM', 'SIGINT', 'child', 'call'] as const;
type Way = (typeof ways)[number];

/** Calls at which the disk gets from one state to another, and about how often a build makes them. */
const calls = { rename: 25, mkdir: 60, unlink: 40, openat: 500, write: 250, close: 500, pwrite64: 40 };

/** Fewer attempts than this go to some of the commands alone. */
const few = 20;
/** Milliseconds in which a command that is asked to end has ended, on any machine. */
const patience = 30_000;

interface Attempt {
  work: KillWork;
  way: Way;
  place: Place;
  random: Random;
}

interface Parts {
  bench: CrashBench;
  works: KillWorks;
  signal: AbortSignal;
}

/** What an undisturbed run comes to. */
interface Usual {
  result: string;
  milliseconds: number;
}

function childOf(pid: number, random: Random): number | undefined {
  const parents = new Map(
    readdirSync('/proc').flatMap((name): [number, number][] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
      } catch {
        return [];
      }
    }),
  );
  const isBelow = (one: number | undefined): boolean =>
    one !== undefined && (one === pid || isBelow(parents.get(one)));
  const below = [...parents].filter(([own, parent]) => own !== pid && isBelow(parent)).map(([own]) => own);
  return below.length > 0 ? random.pick(below) : undefined;
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Runs the command, and hurts it once. */
async function hurt({ work, way, place, random }: Attempt, usual: Usual, bench: CrashBench): Promise<Ended> {
  const { root } = place;
  const args = work.args(place);
  if (way === 'call') {
    const name = random.pick(Object.keys(calls) as (keyof typeof calls)[]);
    const inject = `inject=${name}:signal=SIGKILL:when=${1 + random.number(calls[name])}`;
    return bench.run(args, { root, under: ['strace', '-f', '-qqq', '-o', '/dev/null', '-e', inject] });
  }
  const { child, ended } = bench.start(args, { root });
  const pid = child.pid!;
  await Promise.race([ended, pause((usual.milliseconds * random.number(1000)) / 1000)]);
  if (child.exitCode !== null || child.signalCode !== null) return ended;
  if (way === 'group') signalQuietly(-pid, 'SIGKILL');
  else if (way === 'main') signalQuietly(pid, 'SIGKILL');
  else if (way === 'child') signalQuietly(childOf(pid, random) ?? pid, 'SIGKILL');
  else signalQuietly(-pid, way);
  const slow = pause(patience, 'slow', { ref: false });
  if ((await Promise.race([ended, slow])) === 'slow') {
    signalQuietly(-pid, 'SIGKILL');
    throw new Error(`it did not end within ${patience} ms`);
  }
  return ended;
}

/** What is wrong with how it ended; undefined where nothing is. */
function wrongEnd({ code, signal, stderr }: Ended, way: Way): string | undefined {
  if (/\n\s+at .+:\d+:\d+/.test(stderr)) return `it told a stack trace:\n${stderr}`;
  if (code === 0 || signal === 'SIGKILL') return undefined;
  // Before the program can listen, a signal ends it as it ends any other.
  if (way !== 'SIGTERM' && way !== 'SIGINT') return undefined;
  const expected = way === 'SIGTERM' ? 143 : 130;
  return code === expected || signal === way ? undefined : `it ended with ${code ?? signal}:\n${stderr}`;
}

async function attempt(one: Attempt, usual: Usual, parts: Parts): Promise<string | undefined> {
  const { work, way, place } = one;
  const { bench, works, signal } = parts;
  const { root, out } = place;
  await works.prepare(work, place);
  const ended = await hurt(one, usual, bench);
  const bad = wrongEnd(ended, way) ?? (await wrongAfterKill(root, signal));
  if (bad !== undefined) return bad;
  if (ended.code === 130 || ended.code === 143) {
    const left = await leftAfterBuild(root, [out], signal);
    // What a step had begun to write may take long to delete: the next build does that.
    if (left !== undefined && !/is to be deleted/.test(left))
      return `it was asked to end, and has left ${left}`;
  }
  const again = await bench.run(work.args(place), { root });
  if (again.code !== 0) return `the next one failed with ${again.code ?? again.signal}:\n${again.stderr}`;
  const result = await work.result(place);
  if (result !== usual.result) return `the next one made ${result}, and not ${usual.result}`;
  if (!work.args(place).includes('build')) {
    const build = await bench.run(['build', ...buildFlags(bench.base), bench.context], { root });
    if (build.code !== 0) return `the next build failed with ${build.code ?? build.signal}:\n${build.stderr}`;
  }
  const left = await leftAfterBuild(root, [out, join(out, 'layout'), join(out, 'cache')], signal);
  return left === undefined ? wrongAfterKill(root, signal) : `the next build has left ${left}`;
}

async function undisturbed(work: KillWork, place: Place, { bench, works }: Parts): Promise<Usual> {
  await works.prepare(work, place);
  const { code, stderr, milliseconds } = await bench.run(work.args(place), { root: place.root });
  if (code !== 0) throw new Error(`${work.name} fails without being killed: ${stderr}`);
  return { result: await work.result(place), milliseconds };
}

async function run({ attempts, seed, signal, scratch, report }: HardOptions): Promise<HardResult> {
  if (!haveBusybox || !hasDockerRegistry() || process.getuid?.() !== 0)
    return { attempts: 0, failures: [], missing: 'busybox-static, docker-registry and root' };
  const bench = await crashBench(scratch);
  await using works = await killWorks(bench, scratch);
  const parts = { bench, works, signal };
  const canTrace =
    findProgram('strace') !== undefined &&
    spawnSync('strace', ['-qqq', '-o', '/dev/null', 'true']).status === 0;
  const usable = ways.filter((way) => way !== 'call' || canTrace);
  const chosen = attempts < few ? createRandom(seed).some(works.works, 4) : works.works;
  const known = new Map<KillWork, Usual>();
  const failures: HardResult['failures'] = [];
  for (let number = 0; number < attempts; number++) {
    signal.throwIfAborted();
    const random = createRandom(seed * 1_000_003 + number);
    const work = chosen[number % chosen.length]!;
    const way = random.pick(usable);
    const place: Place = { root: bench.root(`${number}`), out: join(scratch, `out-${number}`) };
    report(`${number + 1} of ${attempts}: ${work.name}, ${way}`);
    const usual = known.get(work) ?? (await undisturbed(work, place, parts));
    known.set(work, usual);
    const what = await attempt({ work, way, place, random }, usual, parts).catch((error: unknown) =>
      String(error),
    );
    for (const folder of [place.root, place.out]) rmSync(folder, { recursive: true, force: true });
    if (what === undefined) continue;
    const again = `npm run test:hard -- kills --seed=${seed}`;
    failures.push({ what: `${work.name}, ${way}, attempt ${number}: ${what}`, again });
    report(failures.at(-1)!.what);
  }
  return { attempts, failures };
}

export const section: HardSection = {
  name: 'kills',
  what: 'kill -9, SIGTERM and SIGINT at any moment lose nothing and leave nothing',
  bounded: 4,
  full: 300,
  run,
};
