// Takes away an instruction that a later one replaces.
import type { Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { fixOf, wholeLines } from './parts.ts';

/**
 * Of an instruction that may stand once in a stage, the one above it.
 * Suggested: what has no effect is seldom what was meant.
 */
export function fixReplaced(step: LintStep, file: LintFile): Fix | undefined {
  const { keyword } = step.instruction;
  const steps = step.stage?.steps ?? file.steps;
  const above = steps.slice(0, steps.indexOf(step)).findLast((one) => one.instruction.keyword === keyword);
  if (above === undefined) return undefined;
  return fixOf('suggested', `Remove the ${keyword} without effect`, { range: wholeLines(above), text: '' });
}
