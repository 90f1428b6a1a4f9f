// `explain`: a build of the state folder, the one before it, and what went into the keys of both.
import { resolve } from 'node:path';
import type { BuildRecord } from '../build-record.ts';
import type { EngineOptions, ExplainRequest } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { explainBuild } from '../explain/explain-build.ts';
import type { ExplainedBuild } from '../explain/explanation.ts';
import type { Digest } from '../oci/digest.ts';
import type { CacheRecord } from '../seams.ts';
import { type BuildIndex, createBuildIndex } from '../store/build-index.ts';
import { createRecordReader } from '../store/cache-index.ts';

/** So many builds are looked at for one to compare with. */
const furthest = 32;

/** @throws ERR_USAGE where no such build is known */
export function explainBuilds(
  { root }: Pick<EngineOptions, 'root'>,
  request: ExplainRequest,
): ExplainedBuild {
  const index = createBuildIndex(root);
  const { dockerfile, cwd } = request;
  const path = dockerfile === undefined ? undefined : resolve(cwd, dockerfile);
  const all = index.list(path);
  const build = request.record ?? chosen(index, all, request.build);
  if (build === undefined) throw nothingKnown(request, path);
  const records = createRecordReader(root);
  const known = new Map<Digest, CacheRecord | undefined>();
  const recordOf = (key: Digest): CacheRecord | undefined => {
    if (!known.has(key)) known.set(key, records(key));
    return known.get(key);
  };
  return explainBuild({
    build,
    earlier: earlierThan(build, index) ?? comparedBuild(build),
    tree: (key) => recordOf(key)?.tree,
    also: (key) => recordOf(key)?.also ?? [],
  });
}

function chosen(
  index: BuildIndex,
  all: ReturnType<BuildIndex['list']>,
  id: string | undefined,
): BuildRecord | undefined {
  for (const name of all) {
    if (id !== undefined && !name.id.startsWith(id)) continue;
    const build = index.read(name);
    if (build) return build;
  }
  return undefined;
}

function nothingKnown({ build }: ExplainRequest, path: string | undefined): SlipwayError {
  if (build !== undefined)
    return new SlipwayError('ERR_USAGE', `no build ${build} is known here`, {
      hint: 'slipway explain --list shows those that are',
    });
  return new SlipwayError('ERR_USAGE', `no build${path === undefined ? '' : ` of ${path}`} is known here`, {
    hint: 'build first: slipway build notes what it did in the state folder, which --root names',
  });
}

/** The newest build of the same before it that came to its end; else the newest. */
function earlierThan(build: BuildRecord, index: BuildIndex): BuildRecord | undefined {
  let newest: BuildRecord | undefined;
  let other: BuildRecord | undefined;
  const names = index.list(build.dockerfile.path).filter(({ id }) => id < build.id);
  for (const name of names.slice(0, furthest)) {
    const found = index.read(name);
    if (!found) continue;
    if (!isSame(found, build)) other ??= found;
    else if (found.outcome === 'done') return found;
    else newest ??= found;
  }
  return newest ?? other;
}

/** On a machine that knows no earlier build, what a shared cache had. */
function comparedBuild(build: BuildRecord): BuildRecord | undefined {
  const { compared } = build;
  if (!compared) return undefined;
  return { ...build, id: '', started: compared.newest, outcome: 'done', steps: compared.steps };
}

const isSame = (a: BuildRecord, b: BuildRecord): boolean =>
  a.target === b.target && a.name === b.name && a.platforms.join() === b.platforms.join();

/** The newest first. */
export function listBuilds(
  { root }: Pick<EngineOptions, 'root'>,
  { dockerfile, cwd }: ExplainRequest,
): BuildRecord[] {
  const index = createBuildIndex(root);
  return index
    .list(dockerfile === undefined ? undefined : resolve(cwd, dockerfile))
    .flatMap((name) => index.read(name) ?? []);
}
