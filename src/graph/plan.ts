// Instructions to a graph: evaluates the stages that the target needs, and says which base images it must know first.
import type { Place } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { Digest } from '../oci/digest.ts';
import { createEvaluator, type NeededImage, NeedsImages } from './evaluate.ts';
import { isBuiltInArg } from './global-args.ts';
import { imagePlatform } from './image-platform.ts';
import { reachableStages } from './reachable.ts';
import { createScope, type Scope, type ScopeInput } from './scope.ts';
import type { StageState } from './stage-state.ts';

export interface ResolvedBase {
  /** The full reference with its digest, as the progress names it. */
  name: string;
  config: ImageConfig;
  digest: Digest;
}

export interface PlanInput extends ScopeInput {
  /** The target platform was asked for, not taken from this machine: the image is for it, whatever its FROM names. */
  platformGiven: boolean;
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

export interface PlanWarning {
  message: string;
  place?: Place | undefined;
}

export interface Plan {
  /** What the target has come to: its vertex is the root of the graph. */
  target: StageState;
  warnings: PlanWarning[];
}

/** Either the plan, or the images whose configs must be known to go on: ask again with them. */
export type PlanOutcome = { type: 'plan'; plan: Plan } | { type: 'needs'; images: NeededImage[] };

const manyStages = 100;

/**
 * Pure: no disk, no clock, no environment.
 * @throws ERR_SYNTAX, ERR_UNKNOWN_STAGE, ERR_UNKNOWN_TARGET, ERR_EXPANSION, ERR_UNSUPPORTED, ERR_NOT_ALLOWED, each with its place.
 */
export function plan(input: PlanInput): PlanOutcome {
  const scope = createScope(input);
  const evaluator = createEvaluator(scope, input);
  try {
    // Many stages may lie in a long row, each asking for the one before: more than a stack holds.
    if (scope.stages.length > manyStages)
      for (const stage of reachableStages(scope)) evaluator.evaluate(stage);
    const last = evaluator.evaluate(scope.target);
    const platform = imagePlatform(last, input.platformGiven ? input.targetPlatform : undefined);
    const target = withLabels({ ...last, platform }, input.labels);
    const unused = Object.keys(input.buildArgs).filter(
      (name) => !scope.declared.has(name) && !evaluator.consumed.has(name) && !isBuiltInArg(name),
    );
    const warnings: string[] = [];
    if (unused.length > 0) {
      const meant = unused.flatMap((name) => nearest(name, argNames(scope)) ?? []);
      const suggestion = meant.length > 0 ? `: did you mean ${meant.join(', ')}?` : '';
      warnings.push(`One or more build-args [${unused.join(' ')}] were not consumed${suggestion}`);
    }
    const stages = new Set(scope.stages.flatMap(({ name, index }) => [name ?? `stage-${index}`, `${index}`]));
    for (const name of input.noCacheFilter.filter((one) => !stages.has(one.toLowerCase())))
      warnings.push(`--no-cache-filter names ${JSON.stringify(name)}, which is no stage`);
    const marked = warnings.map((message) => ({ message: `[Warning] ${message}` }));
    return { type: 'plan', plan: { target, warnings: [...marked, ...evaluator.warnings] } };
  } catch (error) {
    if (error instanceof NeedsImages) return { type: 'needs', images: error.images };
    throw error;
  }
}

/** Of all ARGs that a stage or the lines before the first one declare. */
const argNames = ({ declared, stages }: Scope): string[] => [
  ...declared,
  ...stages.flatMap(({ instructions }) =>
    instructions.flatMap((one) => (one.keyword === 'ARG' ? one.args.map(({ name }) => name) : [])),
  ),
];

/** Labels of the command line go to the image, not to the steps. */
function withLabels(state: StageState, labels: Record<string, string>): StageState {
  if (Object.keys(labels).length === 0) return state;
  return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } };
}
