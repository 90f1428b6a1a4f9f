// What a FROM line stands for, once its variables are resolved.
import { expandWord } from '../dockerfile/expand.ts';
import { SlipwayError, withPlace } from '../errors.ts';
import { type Platform, parsePlatform } from '../oci/platform.ts';
import type { Scope } from './scope.ts';
import { contextVertex, imageOp } from './sources.ts';
import { findStage, type Stage } from './stage.ts';
import type { StageState } from './stage-state.ts';
import type { ImageOp, Vertex } from './vertex.ts';

export type StageBase = { platform: Platform } & (
  | { kind: 'stage'; stage: Stage }
  | { kind: 'image'; op: ImageOp }
  | { kind: 'context'; vertex: Vertex }
  | { kind: 'target'; state: StageState }
  | { kind: 'scratch' }
);

function stagePlatform(scope: Scope, stage: Stage): Platform {
  const written = stage.from.platform;
  if (!written) return scope.targetPlatform;
  const text = expandWord(written, scope.globals.get, scope.expand);
  if (text !== '') return parsePlatform(text, scope.buildPlatform);
  throw new SlipwayError('ERR_PLATFORM', `empty platform value from expression ${written}`, {
    hint: 'give the ARG a default before the first FROM',
  });
}

function resolveBase(scope: Scope, stage: Stage): StageBase {
  const { place } = stage;
  const name = expandWord(stage.from.image, scope.globals.get, scope.expand);
  if (name === '') {
    throw new SlipwayError('ERR_SYNTAX', `base name (${stage.from.image}) should not be blank`, {
      hint: 'give the ARG a default before the first FROM, or pass it with --build-arg',
    });
  }
  const platform = stagePlatform(scope, stage);
  const own = stage.name === undefined ? undefined : scope.context(stage.name, platform);
  const named = own ?? scope.context(name, platform);
  if (named) {
    if (named.target.kind === 'target')
      return { kind: 'target', state: named.target.state(platform), platform };
    if (named.target.kind === 'scratch') return { kind: 'scratch', platform };
    if (named.target.kind !== 'image')
      return { kind: 'context', vertex: contextVertex(named.name, place, named.target.kind), platform };
    const op: ImageOp = { type: 'image', origin: named.target.origin, platform };
    return { kind: 'image', op: scope.policy(op, place), platform };
  }
  const base = findStage(scope.stages, name, stage.index);
  if (base) return { kind: 'stage', stage: base, platform };
  if (name === 'scratch') return { kind: 'scratch', platform };
  return { kind: 'image', op: scope.policy(imageOp(name, platform, place), place), platform };
}

/** @throws ERR_SYNTAX, ERR_EXPANSION, ERR_PLATFORM, ERR_BAD_REFERENCE, with the FROM line's place */
export function stageBase(scope: Scope, stage: Stage): StageBase {
  try {
    return resolveBase(scope, stage);
  } catch (error) {
    throw withPlace(error, stage.place);
  }
}
