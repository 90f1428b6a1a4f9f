// What evaluating any stage refers to: the stages, the global arguments, the named contexts.
import { createExpandBudget, type ExpandOptions } from '../dockerfile/expand.ts';
import type { Dockerfile } from '../dockerfile/instruction.ts';
import type { Platform } from '../oci/platform.ts';
import type { Env } from './env.ts';
import { globalArgs } from './global-args.ts';
import type { SourcePolicy } from './source-policy.ts';
import { type ContextTarget, contextKey, platformContextKey } from './sources.ts';
import { findTarget, type Stage, splitStages } from './stage.ts';

export interface NamedContextTarget {
  name: string;
  target: ContextTarget;
}

export interface ScopeInput {
  dockerfile: Dockerfile;
  target: string | undefined;
  /** Values are known: those taken from the environment, too. */
  buildArgs: Record<string, string>;
  /** By contextKey(name). */
  contexts: ReadonlyMap<string, NamedContextTarget>;
  buildPlatform: Platform;
  targetPlatform: Platform;
  /** Left out: every source is used as it is named. */
  policy?: SourcePolicy | undefined;
}

export interface Scope {
  file: string;
  stages: Stage[];
  target: Stage;
  /** The global arguments, platform arguments among them. */
  globals: Env;
  /** Names that ARGs before the first FROM declare. */
  declared: Set<string>;
  expand: ExpandOptions;
  buildPlatform: Platform;
  targetPlatform: Platform;
  policy: SourcePolicy;
  /** The named context that replaces a stage or an image of this name; one for the platform goes before one for all. `scratch` is not replaced. */
  context(name: string, platform?: Platform): NamedContextTarget | undefined;
}

/** @throws ERR_SYNTAX, ERR_UNKNOWN_TARGET, ERR_EXPANSION */
export function createScope(input: ScopeInput): Scope {
  const { dockerfile, buildPlatform, targetPlatform } = input;
  const { globals, stages } = splitStages(dockerfile);
  const target = findTarget(stages, input.target);
  const expand = { escape: dockerfile.escape, budget: createExpandBudget() };
  return {
    file: dockerfile.file,
    stages,
    target,
    globals: globalArgs(globals, {
      file: dockerfile.file,
      buildArgs: input.buildArgs,
      buildPlatform,
      targetPlatform,
      targetStage: target.name ?? 'default',
      expand,
    }),
    declared: new Set(globals.flatMap((instruction) => instruction.args.map(({ name }) => name))),
    expand,
    policy: input.policy ?? ((op) => op),
    buildPlatform,
    targetPlatform,
    context: (name, platform = targetPlatform) =>
      name === 'scratch'
        ? undefined
        : (input.contexts.get(platformContextKey(name, platform)) ?? input.contexts.get(contextKey(name))),
  };
}
