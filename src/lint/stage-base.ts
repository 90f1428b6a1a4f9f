// What a FROM line stands for: a stage above, an image (its config, where known), or nothing.
import type { Env } from '../graph/env.ts';
import { contextKey, imageKey, imageOp } from '../graph/sources.ts';
import { findStage, type Stage } from '../graph/stage.ts';
import type { StageState } from '../graph/stage-state.ts';
import type { ImageOp } from '../graph/vertex.ts';
import type { ImageConfig } from '../oci/config.ts';
import { type Platform, parsePlatform } from '../oci/platform.ts';
import type { LintInput } from './analysis.ts';
import { createTracker, type Tracker, tolerate } from './tracked-expansion.ts';

export interface StageBase {
  /** The image's name with its variables resolved, and which were used. */
  name: string;
  nameVariables: Tracker;
  /** The value of --platform, likewise; undefined where there is none. */
  platformText: string | undefined;
  platformVariables: Tracker;
  /** The platform that is wanted. */
  platform: Platform;
  /** The stage it builds on. */
  stage: Stage | undefined;
  config: ImageConfig | undefined;
  /** A named context stands in for the whole stage: none of its instructions is built. */
  replaced: boolean;
}

/** What another target of a bake has come to, as an image. */
function builtConfig({ config, platform }: StageState): ImageConfig {
  const { os, architecture, variant } = platform;
  return {
    os,
    architecture,
    ...(variant ? { variant } : {}),
    config,
    rootfs: { type: 'layers', diff_ids: [] },
  };
}

interface Scope {
  input: LintInput;
  stages: readonly Stage[];
  globalEnv: Env;
}

export function readStageBase(stage: Stage, { input, stages, globalEnv }: Scope): StageBase {
  const { from } = stage;
  const { escape: escapeSign } = input.dockerfile;
  const nameVariables = createTracker(globalEnv.get, escapeSign);
  const platformVariables = createTracker(globalEnv.get, escapeSign);
  const name = nameVariables.word(from.image);
  const platformText = from.platform ? platformVariables.word(from.platform) : undefined;
  const platform =
    platformText === undefined
      ? input.targetPlatform
      : tolerate(() => parsePlatform(platformText, input.buildPlatform), input.targetPlatform);
  const contextOf = (key: string | undefined) =>
    key === undefined ? undefined : input.contexts?.get(contextKey(key));
  const own = contextOf(stage.name);
  const named = own ?? contextOf(name);
  const base = named === undefined ? findStage(stages, name, stage.index) : undefined;
  // Nobody asks for the image that a name means where nothing is known of any.
  const op =
    input.bases &&
    tolerate((): ImageOp | undefined => {
      if (named !== undefined) {
        const { target } = named;
        return target.kind === 'image' ? { type: 'image', origin: target.origin, platform } : undefined;
      }
      return base !== undefined || name === 'scratch' ? undefined : imageOp(name, platform, stage.place);
    }, undefined);
  const target = named?.target;
  const built =
    target?.kind === 'target' ? tolerate(() => builtConfig(target.state(platform)), undefined) : undefined;
  return {
    name,
    nameVariables,
    platformText,
    platformVariables,
    platform,
    stage: base,
    config: built ?? (op && input.bases?.get(imageKey(op))?.config),
    replaced: own !== undefined,
  };
}
