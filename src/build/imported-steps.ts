// What shared caches know of a build's steps, as steps of an earlier build: for a machine that has none, kept with the record of the build.
import type { ComparedCache, StepRecord } from '../build-record.ts';
import { matchSteps } from '../explain/match-steps.ts';
import type { Digest } from '../oci/digest.ts';
import type { CacheRecord, KeyTree } from '../seams.ts';
import type { CacheImports } from './cache-import.ts';
import { stepLabel } from './describe-steps.ts';

/** Characters of key trees that are kept. */
const treesLimit = 1 << 18;

/** Results of one cache under one description, the newest: a step as it was last made. */
interface Known {
  record: CacheRecord;
  trees: Record<Digest, KeyTree>;
}

/**
 * @param steps of the build that has ended
 * @returns undefined where the caches know nothing of its kind
 * @throws what reading the caches throws
 */
export async function importedSteps(
  imports: Pick<CacheImports, 'records'>,
  steps: readonly StepRecord[],
  signal: AbortSignal,
): Promise<ComparedCache | undefined> {
  const newest = new Map<string, Known>();
  let first: string | undefined;
  for await (const { key, record } of imports.records(signal)) {
    first ??= record.source;
    // The first cache that knows anything is what a build is compared with.
    if (record.source !== first || record.description === '') continue;
    const known = newest.get(record.description);
    if (known && known.record.diffID === record.diffID && known.record.created === record.created)
      known.trees[key] = record.tree;
    else if (!known || timeOf(known.record) < timeOf(record))
      newest.set(record.description, { record, trees: { [key]: record.tree } });
  }
  const earlier = [...newest.values()].map(asStep);
  const matched = new Set(matchSteps(earlier, steps).values());
  const kept = earlier.filter((_, at) => matched.has(at));
  if (first === undefined || kept.length === 0) return undefined;
  let room = treesLimit;
  for (const step of kept) {
    for (const [key, tree] of Object.entries(step.trees ?? {})) {
      const size = JSON.stringify(tree).length;
      if (size > room) delete step.trees![key as Digest];
      else room -= size;
    }
  }
  const created = [...newest.values()].map(({ record }) => timeOf(record)).sort();
  return { name: first, newest: created.at(-1)!, steps: kept };
}

const timeOf = ({ ran, created }: CacheRecord): string => ran ?? created;

function asStep({ record, trees }: Known): StepRecord {
  const { description, also = [], content, diffID, size, seconds, source } = record;
  const all = Object.values(trees);
  const type = all.find((tree) => typeof tree['type'] === 'string')?.['type'];
  const root = all.find((tree) => tree['root'] !== undefined)?.['root'];
  const { text, label, stage, platform, number } = stepLabel(description);
  return {
    type: typeof type === 'string' ? type : description.includes('RUN ') ? 'exec' : 'copy',
    ...{ text, label },
    ...(stage === undefined ? {} : { stage }),
    ...(platform === undefined ? {} : { platform }),
    // Where it stood in its stage: a line is not known.
    lines: [number, number],
    // All that is asked of them is whether there was a root.
    inputs: [root === 'scratch' ? null : 0, 0],
    outcome: 'ran',
    keys: [...new Set([...also, ...(Object.keys(trees) as Digest[])])],
    source: source ?? 'local',
    seconds,
    ...{ content, layer: { diffID, size }, trees },
  };
}
