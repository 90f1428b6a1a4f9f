// Rebuilds by slipway itself, in processes of their own, as users and CI jobs run it.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheReport } from '../../explain/cache-report.ts';
import { removeTree } from '../../fs/temp-dir.ts';
import type { Digest } from '../../oci/digest.ts';
import { type BuildTeller, createBuildTeller, type ToldBuild } from '../../replay/build-teller.ts';
import { rebuilt } from '../../replay/replay-build.ts';
import type { CacheRecord } from '../../seams.ts';
import { createBuildIndex } from '../../store/build-index.ts';
import { createRecordReader } from '../../store/cache-index.ts';
import { createImagePlaces } from './image-places.ts';
import { errorLine, outcomeOf, type Rebuilder, type RebuildJob } from './rebuilder.ts';
import type { ReplayCache, ReplayRequest } from './replay-request.ts';
import { timedProcess } from './timed-process.ts';

/** Variants share no cache: the second has another tag. */
function variantRef(ref: string, variant: number): string {
  if (variant === 0) return ref;
  const [, name = ref, tag = 'latest'] = /^(.*?)(?::([^/:]+))?$/.exec(ref) ?? [];
  return `${name}:${tag}-${variant + 1}`;
}

function cacheFlags(cache: ReplayCache, variant: number): string[] {
  if (cache.type === 'local') return [];
  if (cache.type === 'none') return ['--no-cache'];
  const place = `type=registry,ref=${variantRef(cache.ref, variant)}`;
  return [`--cache-from=${place}`, `--cache-to=${place},mode=max`];
}

const machineFaults = [2, 3, 128, 130];

export function slipwayRebuilder(request: ReplayRequest, memory: unknown): Rebuilder {
  const { work, program, flags, cache, runner, build } = request;
  const tellers = new Map<number, BuildTeller>();
  const places = createImagePlaces(work, runner);
  const before = (memory ?? {}) as Record<string, ToldBuild | undefined>;
  const tellerOf = (variant: number): BuildTeller => {
    const known = tellers.get(variant) ?? createBuildTeller(before[String(variant)]);
    tellers.set(variant, known);
    return known;
  };

  async function rebuild(job: RebuildJob, signal: AbortSignal) {
    const file = join(work, 'report.json');
    await removeTree(file);
    await mkdir(work, { recursive: true });
    const { root, idFile } = await places.begin(job.variant);
    const argv = [
      ...[...program, 'build', ...flags, `--root=${root}`, `--cache-report=${file}`, '--progress=plain'],
      `--iidfile=${idFile}`,
      ...cacheFlags(cache, job.variant),
      ...(job.dockerfile === undefined ? [] : [`--file=${job.dockerfile}`]),
      ...['--', job.context],
    ];
    const run = await timedProcess(argv, { env: build.env, cwd: build.cwd, signal });
    const outcome = outcomeOf(run, machineFaults);
    const report =
      (runner === 'cold' ? coldReport(root, tellerOf(job.variant)) : undefined) ?? warmReport(file);
    const error = outcome === 'failed' ? errorLine(run.log) : '';
    return rebuilt({ ...run, outcome, error }, report);
  }

  return {
    version: `slipway ${request.version}`,
    rebuild,
    image: places.last,
    memory: () =>
      Object.fromEntries([...tellers].map(([variant, teller]) => [String(variant), teller.last()])),
  };
}

/** Undefined where the build failed before it had steps. */
function warmReport(file: string): CacheReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CacheReport;
  } catch {
    return undefined;
  }
}

/** Its state folder knows of no build before it: what it is compared with is what the replay remembers. */
function coldReport(root: string, teller: BuildTeller): CacheReport | undefined {
  const index = createBuildIndex(root);
  const [name] = index.list();
  const record = name && index.read(name);
  if (!record) return undefined;
  const read = createRecordReader(root);
  const records = new Map<Digest, CacheRecord | undefined>();
  const recordOf = (key: Digest): CacheRecord | undefined => {
    if (!records.has(key)) records.set(key, read(key));
    return records.get(key);
  };
  return teller.tell(record, {
    tree: (key) => recordOf(key)?.tree,
    also: (key) => recordOf(key)?.also ?? [],
  });
}
