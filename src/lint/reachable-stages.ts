// The stages that a target is made of.
import type { Instruction } from '../dockerfile/instruction.ts';
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
    for (const name of stage.instructions.flatMap(sourcesOf)) {
      const numbered = /^\d+$/.test(name) ? stages[Number(name)] : undefined;
      waiting.push(numbered ?? findStage(stages, name, stage.index));
    }
  }
  return seen;
}

function sourcesOf(instruction: Instruction): string[] {
  switch (instruction.keyword) {
    case 'COPY':
    case 'ADD':
      return instruction.from === undefined ? [] : [instruction.from];
    case 'RUN':
      return instruction.mounts.flatMap((mount) => /(?:^|,)from=([^,]+)/i.exec(mount)?.[1] ?? []);
    default:
      return [];
  }
}
