// DL3059: each RUN is a layer and a step; those that belong together are one.

import type { RunInstruction } from '../../../dockerfile/instruction.ts';
import { fixJoinedRuns } from '../../fixes/joined-runs.ts';
import type { LintStep } from '../../lint-file.ts';
import { shippedStages } from './stage-use.ts';
import { at, isOneOf, type LintRule } from './walk.ts';

export const dl3059: LintRule = {
  code: 'DL3059',
  name: 'ConsecutiveRuns',
  family: 'hadolint',
  description: 'RUNs that follow each other should be one',
  severity: 'info',
  scope: 'instruction',
  on: ['RUN'],
  *check(file) {
    const shipped = file.compat ? undefined : shippedStages(file);
    let before: LintStep<RunInstruction> | undefined;
    for (const step of file.steps) {
      if (!isOneOf(step, ['RUN'])) {
        before = undefined;
        continue;
      }
      const isShipped = shipped === undefined || step.stage === undefined || shipped.has(step.stage);
      const above = before;
      if (above !== undefined && isShort(step) && isShort(above) && sameFlags(step, above) && isShipped)
        yield {
          ...at(step, 'This RUN makes one more layer: join it to the one above with &&'),
          fix: () => (isNext(file.steps, above, step) ? fixJoinedRuns(above, step, file) : undefined),
        };
      else before = step;
    }
  },
};

/** hadolint goes on comparing with the first of several. */
function isNext(steps: readonly LintStep[], one: LintStep, other: LintStep): boolean {
  return steps[steps.indexOf(one) + 1] === other;
}

/** hadolint sees each command twice, and allows two. */
function isShort(step: LintStep<RunInstruction>): boolean {
  return (step.script()?.code.commands.length ?? 0) <= 1;
}

function sameFlags(
  { instruction: one }: LintStep<RunInstruction>,
  { instruction: other }: LintStep<RunInstruction>,
): boolean {
  const flags = ({ mounts, network, security }: RunInstruction) =>
    JSON.stringify([mounts, network, security]);
  return flags(one) === flags(other);
}
