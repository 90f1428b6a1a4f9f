// DL3002: a container runs as the last USER; root there is root to whatever breaks out.
import type { LintStage, LintStep } from '../../lint-file.ts';
import { leafStages } from './stage-use.ts';
import { at, type LintRule, placeOf, stepsOf } from './walk.ts';

const root = /^(?:root|0)(?::|$)/;

export const dl3002: LintRule = {
  code: 'DL3002',
  name: 'LastUserRoot',
  family: 'hadolint',
  description: 'The last USER of an image should not be root',
  severity: 'warning',
  scope: 'instruction',
  on: ['USER'],
  *check(file) {
    const last = new Map<LintStage, LintStep>();
    for (const step of stepsOf(file, ['USER'])) {
      if (step.stage === undefined) continue;
      if (root.test(step.instruction.value)) last.set(step.stage, step);
      else last.delete(step.stage);
    }
    // Who builds in a stage that is only copied from may be root.
    const wanted = new Set(file.compat ? file.stages : leafStages(file));
    for (const [stage, step] of last) {
      if (!wanted.has(stage)) continue;
      yield at(step, 'The image runs as root: switch to another USER in the end', placeOf(step, 'root'));
    }
  },
};
