// What --from and --mount=from= name, as a vertex.
import { type Place, SlipwayError } from '../errors.ts';
import type { Platform } from '../oci/platform.ts';
import type { Scope } from './scope.ts';
import { contextVertex, imageOp, imageVertex } from './sources.ts';
import { findSourceStage, nearStage, type Stage } from './stage.ts';
import type { StageState } from './stage-state.ts';
import type { ImageOp, Vertex } from './vertex.ts';

export interface SourceQuery {
  from: string;
  /** Where it is asked. */
  stage: Stage;
  platform: Platform;
  place: Place;
  /** A number means a stage: in COPY --from, not in mounts. */
  numbers: boolean;
}

/** A named context as a vertex, which an empty root has none of. */
export function namedContext(
  scope: Scope,
  query: { name: string; platform: Platform; place: Place },
): { vertex: Vertex | undefined } | undefined {
  const { name, platform, place } = query;
  const found = scope.context(name, platform);
  if (!found) return undefined;
  const { target } = found;
  if (target.kind === 'scratch') return { vertex: undefined };
  if (target.kind === 'target') return { vertex: targetVertex(target.state(platform), name, place) };
  if (target.kind !== 'image') return { vertex: contextVertex(found.name, place, target.kind) };
  const op = scope.policy<ImageOp>({ type: 'image', origin: target.origin, platform }, place);
  return { vertex: imageVertex(op, `[context ${found.name}] ${op.origin.reference}`, place) };
}

function targetVertex({ vertex }: StageState, name: string, place: Place): Vertex {
  if (vertex) return vertex;
  throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `the target that is the context ${name} holds no files`, {
    place,
    hint: 'build something into it, or copy from elsewhere',
  });
}

/**
 * A named context goes before a stage, a stage before an image; undefined is an empty root.
 * @throws ERR_UNKNOWN_STAGE for a stage that is not above, ERR_BAD_REFERENCE
 */
export function sourceVertex(
  scope: Scope,
  query: SourceQuery,
  evaluate: (stage: Stage) => Vertex | undefined,
): Vertex | undefined {
  const { from, stage, platform, place, numbers } = query;
  const named = namedContext(scope, { name: from, platform, place });
  if (named) return named.vertex;
  const isStage = numbers || !/^\d+$/.test(from);
  const found = isStage ? findSourceStage(scope.stages, from, stage.index, place) : undefined;
  if (found) return evaluate(found);
  if (from === 'scratch') return undefined;
  const op = scope.policy(imageOp(from, platform, place), place);
  const near = nearStage(scope.stages, from, stage.index);
  const suggestion = near && `did you mean the stage ${near}?`;
  return { ...imageVertex(op, `FROM ${op.origin.reference}`, place), suggestion };
}
