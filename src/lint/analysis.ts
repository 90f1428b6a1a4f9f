// A Dockerfile made ready for rules: its stages, what FROM lines stand for, and the steps that are built.
import { createExpandBudget } from '../dockerfile/expand.ts';
import type { ArgInstruction, Dockerfile } from '../dockerfile/instruction.ts';
import type { Env } from '../graph/env.ts';
import { globalArgs } from '../graph/global-args.ts';
import type { ContextTarget } from '../graph/sources.ts';
import { findTarget, type Stage, splitStages } from '../graph/stage.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { Platform } from '../oci/platform.ts';
import { reachableStages } from './reachable-stages.ts';
import { readStageBase, type StageBase } from './stage-base.ts';
import { createStageWalk, type Step } from './stage-walk.ts';
import { tolerate } from './tracked-expansion.ts';

export interface LintInput {
  dockerfile: Dockerfile;
  buildArgs: Record<string, string>;
  buildPlatform: Platform;
  targetPlatform: Platform;
  /** Name of the stage to check with what it needs; undefined: all stages, or with `onlyReached` the last one. */
  target: string | undefined;
  onlyReached?: boolean | undefined;
  /** What is known of base images, by imageKey(op). Without it, what they set counts as unset. */
  bases?: { get(key: string): { config: ImageConfig } | undefined } | undefined;
  /** Named contexts, by contextKey(name). */
  contexts?: ReadonlyMap<string, { target: ContextTarget }> | undefined;
  /** Patterns of the ignore file, as readIgnorePatterns gives them. */
  ignorePatterns?: readonly string[] | undefined;
}

export interface Analysis {
  input: LintInput;
  dockerfile: Dockerfile;
  /** ARGs before the first FROM. */
  globals: ArgInstruction[];
  /** What they, the flags and the platforms give FROM lines. */
  globalEnv: Env;
  /** The same, had nobody given a build argument; undefined where that is an error. */
  defaultEnv: Env | undefined;
  stages: Stage[];
  /** What the FROM line of each stage comes to. */
  bases: ReadonlyMap<Stage, StageBase>;
  /** The stages that are built. */
  reached: ReadonlySet<Stage>;
  /** Their instructions, in the order of the file. */
  steps: Step[];
}

/** @throws ERR_SYNTAX, ERR_EXPANSION, ERR_UNKNOWN_TARGET, as planning does. */
export function analyse(input: LintInput): Analysis {
  const { dockerfile } = input;
  const { globals, stages } = splitStages(dockerfile);
  const target = findTarget(stages, input.target);
  const envOf = (buildArgs: Record<string, string>) =>
    globalArgs(globals, {
      file: dockerfile.file,
      buildArgs,
      buildPlatform: input.buildPlatform,
      targetPlatform: input.targetPlatform,
      targetStage: target.name ?? 'default',
      expand: { escape: dockerfile.escape, budget: createExpandBudget() },
    });
  const isGiven = Object.keys(input.buildArgs).length > 0;
  const globalEnv = envOf(input.buildArgs);
  const bases = new Map(stages.map((stage) => [stage, readStageBase(stage, { input, stages, globalEnv })]));
  const all = input.target === undefined && !input.onlyReached;
  const reached = all ? new Set(stages) : reachableStages(target, stages, bases);
  const walk = createStageWalk({ input, globalEnv, bases });
  return {
    input,
    dockerfile,
    globals,
    globalEnv,
    defaultEnv: isGiven ? tolerate(() => envOf({}), undefined) : globalEnv,
    stages,
    bases,
    reached,
    steps: stages.filter((stage) => reached.has(stage)).flatMap((stage) => walk(stage)),
  };
}
