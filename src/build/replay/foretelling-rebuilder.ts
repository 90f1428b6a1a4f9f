// Rebuilds that are only foretold: keys over one state folder, which images' configs and the times of files are kept in.
import { join } from 'node:path';
import type { EngineOptions } from '../../engine.ts';
import { SlipwayError } from '../../errors.ts';
import type { ReportedStep } from '../../explain/cache-report.ts';
import { createBuildTeller } from '../../replay/build-teller.ts';
import { createKnownSteps, type KnownSteps } from '../../replay/known-steps.ts';
import { type Rebuilt, rebuilt } from '../../replay/replay-build.ts';
import { createBuildIndex } from '../../store/build-index.ts';
import { foretellBuild } from './foretell-build.ts';
import { createForetoldCache } from './foretold-cache.ts';
import type { Rebuilder, RebuildJob } from './rebuilder.ts';
import type { ReplayRequest } from './replay-request.ts';

/** What the user's own builds and former replays say of steps; the latter count more. */
function knownSteps(root: string, request: ReplayRequest): KnownSteps {
  const known = createKnownSteps();
  const index = createBuildIndex(root);
  for (const name of index.list().reverse()) {
    const record = index.read(name);
    if (record) known.addRecord(record);
  }
  for (const { variants } of request.times)
    for (const { builds } of variants)
      for (const { steps } of builds) for (const step of steps) known.addReport(step);
  return known;
}

const codesOfTheCommit = new Set([
  ...['ERR_DOCKERFILE_NOT_FOUND', 'ERR_SYNTAX', 'ERR_CONTEXT', 'ERR_UNKNOWN_STAGE', 'ERR_UNKNOWN_TARGET'],
  ...['ERR_EXPANSION', 'ERR_IMAGE_NOT_FOUND', 'ERR_SOURCE_NOT_FOUND', 'ERR_COPY', 'ERR_NOT_ALLOWED'],
]);

export function foretellingRebuilder(engine: EngineOptions, request: ReplayRequest): Rebuilder {
  const known = knownSteps(engine.root, request);
  const caches = new Map<number, ReturnType<typeof newVariant>>();
  const options: EngineOptions = { ...engine, root: join(request.work, 'foretold') };
  const isShared = request.cache.type === 'registry';

  async function rebuild(job: RebuildJob, signal: AbortSignal): Promise<Rebuilt> {
    const variant = caches.get(job.variant) ?? newVariant();
    caches.set(job.variant, variant);
    const { cache, teller } = variant;
    if (request.runner === 'cold' && !isShared) cache.clear();
    cache.begin();
    const build = {
      ...request.build,
      ...{ context: job.context, dockerfile: job.dockerfile },
      noCache: request.build.noCache || request.cache.type === 'none',
    };
    const cost = { outcome: 'foretold', error: '', seconds: null, cpu: null, peakMemory: null } as const;
    try {
      const record = await foretellBuild(options, build, { cache, known, signal });
      // A job that failed has sent nothing to the shared cache.
      if (record.outcome !== 'done' && request.runner === 'cold') cache.undo();
      const report = teller.tell(record, cache);
      const failed = record.outcome === 'done' ? {} : { outcome: 'failed' as const, error: failure };
      return rebuilt({ ...cost, ...failed, seconds: secondsOf(report.steps) }, report);
    } catch (error) {
      if (!(error instanceof SlipwayError) || !codesOfTheCommit.has(error.code)) throw error;
      return rebuilt({ ...cost, outcome: 'failed', error: error.message }, undefined);
    }
  }
  return { version: `slipway ${request.version}`, rebuild };
}

const failure = 'a step is known to fail: an earlier build of the same did';

const newVariant = () => ({ cache: createForetoldCache(), teller: createBuildTeller() });

/** Of the steps that would run; null where that of one is not known. */
function secondsOf(steps: readonly ReportedStep[]): number | null {
  let sum = 0;
  for (const { outcome, seconds } of steps) {
    if (outcome !== 'ran') continue;
    if (seconds === null || !('ran' in seconds)) return null;
    sum += seconds.ran;
  }
  return Number(sum.toFixed(3));
}
