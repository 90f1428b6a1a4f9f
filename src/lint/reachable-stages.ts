// The stages that a target is made of.
import { sourceNames } from '../graph/reachable.ts';
import { findStage, type Stage } from '../graph/stage.ts';
import type { StageBase } from './stage-base.ts';

export function reachableStages(
  target: Stage,
  stages: readonly Stage[],
  bases: ReadonlyMap<Stage, StageBase>,
): Set<Stage> {
  const seen = new Set<Stage>();
  const waiting: (Stage | undefined)[] = [target];
  while (waiting.length > 0) {
    const stage = waiting.pop();
    if (stage === undefined || seen.has(stage)) continue;
    seen.add(stage);
    waiting.push(bases.get(stage)?.stage);
    for (const name of stage.instructions.flatMap(sourceNames)) {
      const numbered = /^\d+$/.test(name) ? stages[Number(name)] : undefined;
      waiting.push(numbered ?? findStage(stages, name, stage.index));
    }
  }
  return seen;
}
