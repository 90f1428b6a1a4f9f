// The steps of a build that has ended, as its record keeps them.
import type { StepRecord } from '../build-record.ts';
import type { Vertex } from '../graph/vertex.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { KeyTree } from '../seams.ts';
import type { StepReport } from '../solver/solve.ts';
import type { NotedSteps } from './describe-build.ts';

/** Characters of key trees that a record holds itself. */
const treesLimit = 1 << 18;

const labelForm = /^\[(?:([^\s\]]+\/[^\s\]]+) )?(?:([^\s\]]+) )?\s*(\d+)\/\d+\] /;

/** The name of a vertex, taken apart. `number`: its position in its stage. */
export function stepLabel(name: string): {
  text: string;
  label: string;
  stage: string | undefined;
  platform: string | undefined;
  number: number;
} {
  const found = labelForm.exec(name);
  return {
    text: found ? name.slice(found[0].length) : name,
    label: found ? found[0].trimEnd() : '',
    stage: found?.[2],
    platform: found?.[1],
    number: Number(found?.[3] ?? 0),
  };
}

export function stepRecords(
  targets: readonly (Vertex | undefined)[],
  { reports, expired }: Pick<NotedSteps, 'reports' | 'expired'>,
): StepRecord[] {
  const order = inOrder(targets);
  let room = treesLimit;
  const records: StepRecord[] = [];
  for (const vertex of order.keys()) {
    const report = reports.get(vertex.id);
    const record = stepRecord(vertex, report, order);
    const old = expired.get(vertex.id);
    if (old !== undefined) record.expired = old;
    const trees = report && failedTrees(report, room);
    if (trees) {
      record.trees = trees.trees;
      room -= trees.size;
    }
    records.push(record);
  }
  return records;
}

function stepRecord(
  vertex: Vertex,
  report: StepReport | undefined,
  positions: ReadonlyMap<Vertex, number>,
): StepRecord {
  const { op, name, place, inputs, ignoreCache } = vertex;
  const { text, label, stage, platform } = stepLabel(name);
  const { start, end } = place.range;
  const made = report?.record;
  const outcome = outcomes[report?.how ?? 'unreached'];
  const seconds = report?.how === 'cached' ? made?.seconds : report?.seconds;
  const digest = op.type === 'image' ? /@(sha256:[0-9a-f]{64})$/.exec(name)?.[1] : undefined;
  return {
    type: op.type,
    ...{ text, label },
    ...(stage === undefined ? {} : { stage }),
    ...(platform === undefined ? {} : { platform }),
    lines: [start.line, end.line],
    inputs: inputs.map((input) => (input ? (positions.get(input) ?? null) : null)),
    ...contextPaths(vertex),
    outcome,
    keys: (report?.keys ?? []).map((key) => key.digest),
    ...(ignoreCache ? { ignoresCache: true as const } : {}),
    ...(outcome === 'hit' ? { source: made?.source ?? 'local' } : {}),
    ...(seconds === undefined ? {} : { seconds }),
    ...(made ? { content: made.content, layer: { diffID: made.diffID, size: made.size } } : {}),
    ...(report?.read === undefined ? {} : { read: report.read }),
    ...(digest !== undefined && isDigest(digest) ? { digest } : {}),
    ...(report?.error === undefined ? {} : { error: report.error }),
  };
}

function contextPaths({ op, inputs }: Vertex): Pick<StepRecord, 'reads'> {
  const isContext = (input: number | undefined): boolean => {
    const source = input === undefined ? undefined : inputs[input]?.op;
    return source?.type === 'context' && source.name === '';
  };
  const paths: string[] = [];
  if (op.type === 'copy')
    for (const source of op.sources)
      if (source.type === 'path' && isContext(source.input)) paths.push(source.path);
  if (op.type === 'exec')
    for (const mount of op.mounts) if ('input' in mount && isContext(mount.input)) paths.push(mount.source);
  return paths.length > 0 ? { reads: paths } : {};
}

const outcomes: Readonly<Record<StepReport['how'] | 'unreached', StepRecord['outcome']>> = {
  cached: 'hit',
  ran: 'ran',
  loaded: 'source',
  failed: 'failed',
  canceled: 'canceled',
  unreached: 'unreached',
};

/** What went into the keys of a step that has left no record to keep it beside. */
function failedTrees(
  { how, keys }: StepReport,
  room: number,
): { trees: Record<Digest, KeyTree>; size: number } | undefined {
  if (how !== 'failed' && how !== 'canceled') return undefined;
  const trees: Record<Digest, KeyTree> = {};
  let size = 0;
  for (const key of keys) {
    try {
      const length = JSON.stringify(key.tree).length;
      if (size + length > room) continue;
      trees[key.digest] = key.tree;
      size += length;
    } catch {
      // Files that changed meanwhile have no tree any more.
    }
  }
  return size > 0 ? { trees, size } : undefined;
}

/** Every vertex that the targets need with its position, inputs first. A graph may be as deep as a Dockerfile is long. */
export function inOrder(targets: readonly (Vertex | undefined)[]): Map<Vertex, number> {
  const order = new Map<Vertex, number>();
  const seen = new Set<Vertex>();
  const todo: { vertex: Vertex; leaving: boolean }[] = [];
  const push = (vertex: Vertex | undefined): void => void (vertex && todo.push({ vertex, leaving: false }));
  for (const target of targets.toReversed()) push(target);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { vertex, leaving } = next;
    if (leaving) order.set(vertex, order.size);
    if (leaving || seen.has(vertex)) continue;
    seen.add(vertex);
    todo.push({ vertex, leaving: true });
    for (const input of vertex.inputs.toReversed()) push(input);
  }
  return order;
}
