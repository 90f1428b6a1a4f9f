// Which stages a target needs, as far as the text shows: triggers of base images may add to them.
import type { Instruction } from '../dockerfile/instruction.ts';
import { SlipwayError } from '../errors.ts';
import type { Scope } from './scope.ts';
import { findSourceStage, type Stage } from './stage.ts';
import { stageBase } from './stage-base.ts';

/** What --from and --mount=from= of an instruction name. */
export function sourceNames(instruction: Instruction): string[] {
  if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD') {
    return instruction.from === undefined ? [] : [instruction.from];
  }
  if (instruction.keyword !== 'RUN') return [];
  const named = instruction.mounts.flatMap((text) => /(?:^|,)from=([^,]+)/i.exec(text)?.[1] ?? []);
  return named.filter((from) => !/^\d+$/.test(from));
}

/** In the order in which they are needed, the target last. Errors are left to the evaluation, which knows their places. */
export function reachableStages(scope: Scope): Stage[] {
  const seen = new Set<Stage>();
  const done = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (seen.has(stage)) return;
    seen.add(stage);
    const base = attempt(() => stageBase(scope, stage));
    if (base?.kind === 'stage') visit(base.stage);
    for (const from of stage.instructions.flatMap(sourceNames)) {
      const source = scope.context(from)
        ? undefined
        : attempt(() => findSourceStage(scope.stages, from, stage.index, stage.place));
      if (source) visit(source);
    }
    done.add(stage);
  };
  visit(scope.target);
  return [...done];
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}
