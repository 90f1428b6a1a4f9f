// Builds side by side on one state folder, with a prune running all the time: right results, nothing done twice, nobody waits for ever.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { haveBusybox } from '../../support/busybox-base.ts';
import { hasDockerRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { createRandom } from '../../support/random.ts';
import { buildFlags, type CrashBench, crashBench, leftAfterBuild, unsoundness } from '../crash-bench.ts';
import type { HardOptions, HardResult, HardSection } from '../section.ts';

/** Builds at once. */
const width = 8;
/** Seconds in which all of them are done, on any machine. */
const patience = 180;

/** Steps tell here that they run: each time once. */
async function startMarks() {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const name = request.url ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    response.end('seen\n');
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  return {
    counts,
    /** A command of a step. */
    tell: (name: string) => `wget -q -O /dev/null http://127.0.0.1:${port}/${name}`,
    stop: () => new Promise((done) => server.close(done)),
  };
}

const manners = [
  'the same',
  'different ones',
  'a registry cache',
  'one name and one cache folder',
  'a registry cache, an archive and two stores',
] as const;

interface Round {
  bench: CrashBench;
  manner: (typeof manners)[number];
  folder: string;
  /** `127.0.0.1:PORT` */
  registry: string;
  isPruned: boolean;
  number: number;
  signal: AbortSignal;
}

function writeContext(folder: string, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'file'), 'what is copied\n'.repeat(1000));
  return folder;
}

async function round({
  bench,
  manner,
  folder,
  registry,
  isPruned,
  number,
  signal,
}: Round): Promise<string | undefined> {
  const marks = await startMarks();
  const stop = new AbortController();
  try {
    const lines = (own: string): string[] => [
      'FROM base AS a',
      `RUN ${marks.tell(`first${own}`)}; echo first > /first`,
      'COPY file /file',
      `RUN ${marks.tell(`second${own}`)}; cat /first /file > /second`,
      'FROM base',
      'COPY --from=a /second /',
      `RUN ${marks.tell(`third${own}`)}; wc -c < /second > /third`,
    ];
    const isOwn = manner === 'different ones';
    const contexts = Array.from({ length: width }, (_, at) =>
      writeContext(join(folder, `context-${isOwn ? at : 0}`), lines(isOwn ? `-${at}` : '')),
    );
    const separate = manner === 'a registry cache';
    const paired = manner === 'a registry cache, an archive and two stores';
    const rootOf = (at: number): string =>
      join(folder, separate ? `state-${at}` : paired ? `state-${at % 2}` : 'state');
    const cache = `type=registry,ref=${registry}/round${number}:cache`;
    const flags = (at: number): string[] => [
      ...(paired ? [`--output=type=oci,dest=${join(folder, 'one.tar')}`] : []),
      ...(separate || paired ? [`--cache-from=${cache}`, `--cache-to=${cache},mode=max`] : []),
      ...(manner === 'one name and one cache folder'
        ? ['-t', 'app:shared', `--cache-to=type=local,dest=${join(folder, 'cache')},mode=max`]
        : ['-t', `app:${at}`]),
    ];
    const build = (at: number) =>
      bench.run(
        [
          ...['build', ...buildFlags(bench.base), ...flags(at), `--iidfile=${join(folder, `id-${at}`)}`],
          ...['--output=type=image,rewrite-timestamp=true', contexts[at]!],
        ],
        { root: rootOf(at) },
      );
    const prunes = isPruned ? pruneAllTheTime(bench, rootOf(0), stop.signal) : undefined;
    const late = pause(patience * 1000, 'late' as const, { ref: false });
    const all = await Promise.race([Promise.all(contexts.map((_, at) => build(at))), late]);
    stop.abort();
    if (all === 'late') return `the builds were not done after ${patience} seconds`;
    const failed = all.find(({ code }) => code !== 0);
    if (failed) return `a build ended with ${failed.code ?? failed.signal}:\n${failed.stderr.slice(-3000)}`;
    const pruned = await prunes;
    if (pruned !== undefined) return pruned;
    const ids = contexts.map((_, at) => readFileSync(join(folder, `id-${at}`), 'utf8'));
    // A network's marks are in no layer: all of the same text are the same.
    if (!isOwn && new Set(ids).size > 1) return `equal builds made different images: ${ids.join(' ')}`;
    if (marks.counts.size < 3) return 'steps did not tell that they ran';
    const twice = [...marks.counts].find(([, count]) => count > 1);
    // Separate machines know of each other's steps only after they were exported; what a prune took runs again.
    if (twice && !separate && !paired && !isPruned) return `${twice[0]} ran ${twice[1]} times`;
    if (separate || paired) {
      const before = marks.counts.get('/first');
      rmSync(rootOf(0), { recursive: true });
      const again = await build(0);
      if (again.code !== 0) return `from the cache: ${again.stderr.slice(-3000)}`;
      if (marks.counts.get('/first') !== before) return 'the shared cache lacks what all have exported';
    }
    for (const at of separate ? contexts.keys() : paired ? [0, 1] : [0]) {
      const unsound = await unsoundness(rootOf(at), signal);
      if (unsound !== undefined) return `the store is not sound: ${unsound}`;
    }
    const left = await leftAfterBuild(rootOf(0), [join(folder, 'cache')], signal);
    return left !== undefined && !/is to be deleted/.test(left) ? `there is left ${left}` : undefined;
  } finally {
    stop.abort();
    await marks.stop();
  }
}

/** Undefined where each was well. */
async function pruneAllTheTime(
  bench: CrashBench,
  root: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  while (!signal.aborted) {
    const { code, stderr } = await bench.run(['prune', '--all', '--force'], { root });
    if (code !== 0) return `a prune ended with ${code}: ${stderr.slice(-3000)}`;
  }
  return undefined;
}

async function run({ attempts, seed, signal, scratch, report }: HardOptions): Promise<HardResult> {
  if (!haveBusybox || !hasDockerRegistry() || process.getuid?.() !== 0)
    return { attempts: 0, failures: [], missing: 'busybox-static, docker-registry and root' };
  const bench = await crashBench(scratch);
  const registry = await startDockerRegistry();
  const failures: HardResult['failures'] = [];
  try {
    for (let number = 0; number < attempts; number++) {
      signal.throwIfAborted();
      const random = createRandom(seed * 1_000_003 + number);
      const manner = manners[(seed + number) % manners.length]!;
      const isPruned = manner !== 'a registry cache' && random.chance(50);
      report(`${number + 1} of ${attempts}: ${width} builds of ${manner}${isPruned ? ', with prunes' : ''}`);
      const folder = join(scratch, `round-${number}`);
      const parts = { bench, manner, folder, registry: registry.host, isPruned, number, signal };
      const what = await round(parts).catch((error: unknown) => String(error));
      rmSync(folder, { recursive: true, force: true });
      if (what === undefined) continue;
      const again = `npm run test:hard -- concurrent --seed=${seed}`;
      failures.push({ what: `${manner}${isPruned ? ' with prunes' : ''}, round ${number}: ${what}`, again });
    }
  } finally {
    await registry.stop();
  }
  return { attempts, failures };
}

export const section: HardSection = {
  name: 'concurrent',
  what: `${width} builds at once, with prunes and shared caches: right, nothing twice, no deadlock`,
  bounded: 1,
  full: 40,
  run,
};
