// Instructions to a graph: evaluates the stages that the target needs, and says which base images it must know first.
import type { Dockerfile } from '../dockerfile/instruction.ts';
import type { Place } from '../errors.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import { createEvaluator, NeedsImages } from './evaluate.ts';
import { globalArgs, isBuiltInArg } from './global-args.ts';
import type { ContextTarget } from './sources.ts';
import { findTarget, splitStages } from './stage.ts';
import type { StageState } from './stage-state.ts';
import type { ImageOp } from './vertex.ts';

export interface ResolvedBase {
  /** The full reference with its digest, as the progress names it. */
  name: string;
  config: ImageConfig;
  digest: Digest;
}

export interface PlanInput {
  dockerfile: Dockerfile;
  target: string | undefined;
  /** Values are known: those taken from the environment, too. */
  buildArgs: Record<string, string>;
  /** By contextKey(name). */
  contexts: ReadonlyMap<string, { name: string; target: ContextTarget }>;
  buildPlatform: Platform;
  targetPlatform: Platform;
  /** Several platforms are built: names say which. */
  multiPlatform: boolean;
  noCache: boolean;
  noCacheFilter: readonly string[];
  network: 'default' | 'host' | 'none';
  allow: readonly string[];
  labels: Record<string, string>;
  /** By imageKey(op). */
  images: ReadonlyMap<string, ResolvedBase>;
}

export interface Plan {
  /** What the target has come to: its vertex is the root of the graph. */
  target: StageState;
  warnings: { message: string; place?: Place | undefined }[];
}

/** Either the plan, or the images whose configs must be known to go on: ask again with them. */
export type PlanOutcome =
  | { type: 'plan'; plan: Plan }
  | { type: 'needs'; images: { op: ImageOp; place: Place }[] };

/**
 * Pure: no disk, no clock, no environment.
 * @throws ERR_SYNTAX, ERR_UNKNOWN_STAGE, ERR_UNKNOWN_TARGET, ERR_EXPANSION, ERR_UNSUPPORTED, ERR_NOT_ALLOWED, each with its place.
 */
export function plan(input: PlanInput): PlanOutcome {
  const { dockerfile } = input;
  const { globals, stages } = splitStages(dockerfile);
  const target = findTarget(stages, input.target);
  const expand = { escape: dockerfile.escape };
  const env = globalArgs(globals, {
    file: dockerfile.file,
    buildArgs: input.buildArgs,
    buildPlatform: input.buildPlatform,
    targetPlatform: input.targetPlatform,
    targetStage: target.name ?? 'default',
    expand,
  });
  const evaluator = createEvaluator({ input, stages, globals: env });
  try {
    const state = evaluator.evaluate(target);
    const labels = { ...state.config.Labels, ...input.labels };
    if (Object.keys(labels).length > 0) state.config = { ...state.config, Labels: labels };
    const declared = new Set(globals.flatMap((instruction) => instruction.args.map(({ name }) => name)));
    const unused = Object.keys(input.buildArgs).filter(
      (name) => !declared.has(name) && !evaluator.consumed.has(name) && !isBuiltInArg(name),
    );
    const warnings =
      unused.length > 0
        ? [{ message: `[Warning] One or more build-args [${unused.join(' ')}] were not consumed` }]
        : [];
    return { type: 'plan', plan: { target: state, warnings } };
  } catch (error) {
    if (error instanceof NeedsImages) return { type: 'needs', images: error.images };
    throw error;
  }
}
