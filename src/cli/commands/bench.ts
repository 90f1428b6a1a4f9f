// `slipway bench`: replays a history of rebuilds, tells of each, and writes what was found.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type Advice,
  changeName,
  createEngine,
  type ReplayProgress,
  type ReplayResult,
  roughTime,
} from '../../index.ts';
import { parseArguments } from '../arguments.ts';
import { harmless } from '../progress/harmless.ts';
import type { Session } from '../session.ts';
import { clearResultFile } from '../write-result-file.ts';
import { benchFlags } from './bench-flags.ts';
import { writeReplay, writeReports } from './bench-outputs.ts';
import { readBenchRequest } from './bench-request.ts';
import { engineOptions } from './build.ts';
import { unifiedDiff } from './unified-diff.ts';

/** @throws ERR_USAGE, and what the replay throws; what is done by then is written before */
export async function runBench(argv: readonly string[], session: Session): Promise<void> {
  const given = parseArguments(benchFlags, argv, 'slipway bench');
  session.failure.debug = given.booleans.debug ?? false;
  const { out } = given.texts;
  const folder = out === undefined ? undefined : resolve(session.cwd, out);
  const work = folder === undefined ? await mkdtemp(join(tmpdir(), 'slipway-replay-')) : join(folder, 'work');
  let result: ReplayResult | undefined;
  let isWhole = false;
  let advice: Advice[] = [];
  try {
    const request = await readBenchRequest(given, session, work);
    for (const flag of ['json', 'markdown', 'html'] as const) {
      const file = given.texts[flag];
      if (file !== undefined && file !== '-') await clearResultFile(resolve(session.cwd, file), `--${flag}`);
    }
    if (folder !== undefined) {
      // What another replay left behind is no part of this one.
      if (!request.earlier) await rm(work, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
    }
    const engine = createEngine(engineOptions(given, session));
    result = await engine.replay(request, {
      signal: session.signal,
      async onBuild(progress, known) {
        result = known;
        session.stderr.write(`${harmless(progressLine(progress, known.variants.length > 1))}\n`);
        if (folder !== undefined) await writeReplay(join(folder, 'replay.json'), known);
      },
    });
    if (folder !== undefined) await writeReplay(join(folder, 'replay.json'), result);
    if (request.builder === 'slipway') {
      const { signal } = session;
      advice = await engine.adviseReplay(request, result, { signal, diff: unifiedDiff });
    }
    isWhole = true;
  } finally {
    if (result) await writeReports(result, { given, folder, session, advice });
    // A replay that was stopped goes on from there.
    if (folder === undefined || isWhole) await rm(work, { recursive: true, force: true });
  }
}

/** `[ 3/60] 1a2b3c4 Add a route  2 hit, 3 missed  1.2 s; 2 min left` */
function progressLine(
  { done, planned, variant, build, secondsLeft }: ReplayProgress,
  several: boolean,
): string {
  const count = `[${String(done).padStart(String(planned).length)}/${planned}]`;
  const name = changeName(build.change).slice(0, 50).padEnd(50);
  const time = build.seconds === null ? '' : `  ${build.seconds.toFixed(1)} s`;
  const failed = build.outcome === 'failed' ? `  failed: ${build.error}` : '';
  const left = secondsLeft === undefined || done === planned ? '' : `; ${roughTime(secondsLeft)} left`;
  const words = `${build.hits} hit, ${build.misses} missed${time}${failed}${left}`;
  return `${count} ${name} ${several ? `${variant}: ` : ''}${words}`;
}
