// An explained build as the document that programs read: `--cache-report`, `slipway explain --json`.
import type { BuildRecord, CacheAnswer, StepRecord, Transfer } from '../build-record.ts';
import type { Digest } from '../oci/digest.ts';
import { describeCause, stepName } from './describe-cause.ts';
import type { Cause, ExplainedBuild } from './explanation.ts';

export interface CacheReport {
  version: 1;
  build: Pick<
    BuildRecord,
    'id' | 'started' | 'seconds' | 'outcome' | 'dockerfile' | 'context' | 'platforms'
  > & {
    name?: string;
    target?: string;
  };
  /** The build that it is compared with. */
  earlier: Pick<BuildRecord, 'id' | 'started' | 'outcome'> | null;
  /** The shared cache that it is compared with instead, where the machine knew no earlier build. */
  comparedWith?: string;
  summary: {
    hits: number;
    misses: number;
    seconds: { ran: number; saved: number };
    /** Of files that steps read, as far as that is known, and of layers that they made; of layers and caches that passed the network. */
    bytes: { read: number; written: number; pulled: number; pushed: number };
  };
  caches: CacheAnswer[];
  transfers: Transfer[];
  steps: ReportedStep[];
}

export interface ReportedStep
  extends Pick<StepRecord, 'type' | 'stage' | 'platform' | 'lines' | 'outcome' | 'keys'> {
  /** Its position in `steps`. */
  step: number;
  name: string;
  /** Positions of its inputs; null: an empty root. */
  inputs: (number | null)[];
  /** The one that hit, or under which its result is kept. */
  key: Digest | null;
  /** Of a hit: `local`, or the name of a shared cache. Of a miss: all that were asked. */
  sources: string[];
  /** How long it ran, or, of a hit, what that saved. */
  seconds: { ran: number } | { saved: number } | null;
  /** What it made: digest of its changes without times; null where that is not known. */
  content: Digest | null;
  /** Of the layer. */
  bytes: { written: number } | { reused: number } | null;
  /**
   * Of files that a step that ran put into its layer from its sources; of an archive that was unpacked, those of the files in it. A hit
   * reads none. Null where it is not known: a RUN's, as what its command reads is not seen, and that of a step that did not end well.
   */
  bytesRead: number | null;
  /**
   * Of an image: of what was pulled under its name, at the first step that has that name. Of another step: of its layer, from a shared
   * cache; at the first step that has the layer. Null where there is none.
   */
  bytesPulled: number | null;
  /** Of its layer, to registries and shared caches, at the first step that has it. Null of what has none, as images: `transfers` has all. */
  bytesPushed: number | null;
  causes: Cause[];
  /** The causes in words; of a step on one that changed, those of the step where it began come first. */
  reasons: string[];
  /** The position of the step where it began. */
  root: number | null;
}

export function cacheReport(explained: ExplainedBuild): CacheReport {
  const { build, earlier, seconds } = explained;
  const { id, started, outcome, dockerfile, context, platforms, name, target, caches, transfers } = build;
  const pulled = pulledImages(build);
  const steps = explained.steps.map((_, at) => reportedStep(explained, at, pulled));
  const bytes = (kind: Transfer['kind']): number =>
    transfers.reduce((sum, one) => sum + (one.kind === kind ? one.bytes : 0), 0);
  const count = (...outcomes: StepRecord['outcome'][]): number =>
    build.steps.filter((step) => outcomes.includes(step.outcome)).length;
  const written = build.steps.reduce(
    (sum, step) => sum + (step.outcome === 'ran' ? (step.layer?.size ?? 0) : 0),
    0,
  );
  const read = build.steps.reduce((sum, step) => sum + (step.read ?? 0), 0);
  return {
    version: 1,
    build: {
      ...{ id, started, seconds: build.seconds, outcome, dockerfile, context, platforms },
      ...(name === undefined ? {} : { name }),
      ...(target === undefined ? {} : { target }),
    },
    ...(explained.cache === undefined ? {} : { comparedWith: explained.cache }),
    earlier:
      earlier && explained.cache === undefined
        ? { id: earlier.id, started: earlier.started, outcome: earlier.outcome }
        : null,
    summary: {
      hits: count('hit'),
      misses: count('ran', 'failed', 'canceled'),
      seconds,
      bytes: { read, written, pulled: bytes('pulled'), pushed: bytes('pushed') },
    },
    caches,
    transfers,
    steps,
  };
}

/** Bytes by the position of the first step that names the image. One pull serves all that do. */
function pulledImages({ steps, transfers }: BuildRecord): ReadonlyMap<number, number> {
  const pulled = new Map<number, number>();
  for (const { kind, name, bytes } of transfers) {
    if (kind !== 'pulled') continue;
    const image = withoutDigest(name.replace(/^pull /, ''));
    const at = steps.findIndex(
      ({ type, text }) => type === 'image' && ` ${withoutDigest(text)}`.endsWith(` ${image}`),
    );
    if (at >= 0) pulled.set(at, (pulled.get(at) ?? 0) + bytes);
  }
  return pulled;
}

const withoutDigest = (reference: string): string => reference.replace(/@sha256:[0-9a-f]{64}$/, '');

function reportedStep(
  { build, steps }: ExplainedBuild,
  at: number,
  pulled: ReadonlyMap<number, number>,
): ReportedStep {
  const { causes, root } = steps[at]!;
  const step = build.steps[at]!;
  const { type, stage, platform, lines, outcome, keys, inputs, seconds, content, layer } = step;
  const missed = ['ran', 'failed', 'canceled'].includes(outcome);
  const first = root === undefined || root === at ? [] : steps[root]!.causes;
  const own = causes.filter(({ kind }) => kind !== 'parent');
  return {
    ...{ step: at, name: stepName(step), type },
    ...(stage === undefined ? {} : { stage }),
    ...(platform === undefined ? {} : { platform }),
    ...{ lines, inputs, outcome, key: keys.at(-1) ?? null, keys },
    sources:
      outcome === 'hit' ? [step.source ?? 'local'] : missed && keys.length > 0 ? asked(build, step) : [],
    seconds: seconds === undefined ? null : outcome === 'hit' ? { saved: seconds } : { ran: seconds },
    content: content ?? null,
    bytes: layer === undefined ? null : outcome === 'hit' ? { reused: layer.size } : { written: layer.size },
    bytesRead: outcome === 'hit' ? 0 : (step.read ?? null),
    bytesPulled: type === 'image' ? (pulled.get(at) ?? 0) : layer === undefined ? null : (step.pulled ?? 0),
    bytesPushed: layer === undefined ? null : (step.pushed ?? 0),
    causes,
    reasons: [...new Set([...first, ...own].map((cause) => describeCause(cause, build)))],
    root: root ?? null,
  };
}

/** Those in which a record was looked for. */
function asked({ caches }: BuildRecord, { ignoresCache }: StepRecord): string[] {
  if (ignoresCache) return [];
  return ['local', ...caches.flatMap(({ name, answer }) => (answer === 'read' ? [name] : []))];
}
