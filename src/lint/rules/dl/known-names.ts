// The variables that a step may see: ENV of its stage and of those below it, and every ARG.
import type { LintFile, LintStage } from '../../lint-file.ts';
import { isOneOf, lineage, unquote } from './walk.ts';

export function knownNames(file: LintFile, stage: LintStage | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (const step of file.steps)
    if (isOneOf(step, ['ARG'])) {
      const { args } = step.instruction;
      for (const { name } of file.compat ? args.slice(0, 1) : args) names.add(name);
    }
  for (const { steps } of lineage(stage)) {
    for (const step of steps) {
      if (isOneOf(step, ['ENV']) && step.instruction.keyword === 'ENV')
        for (const { key } of step.instruction.pairs) names.add(unquote(key));
    }
  }
  return names;
}
