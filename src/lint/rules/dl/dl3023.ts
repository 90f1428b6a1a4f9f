// DL3023: a stage can't copy from itself.
import { at, type LintRule, placeOf, stepsOf } from './walk.ts';

export const dl3023: LintRule = {
  code: 'DL3023',
  name: 'CopyFromItself',
  family: 'hadolint',
  description: 'COPY --from should not name the stage it stands in',
  severity: 'error',
  scope: 'instruction',
  on: ['COPY'],
  *check(file) {
    for (const step of stepsOf(file, ['COPY'])) {
      const { from } = step.instruction;
      const alias = step.stage?.alias;
      if (from === undefined || alias === undefined) continue;
      if (file.compat ? from !== alias : from.toLowerCase() !== alias.toLowerCase()) continue;
      yield at(step, `${from} is this very stage, which has no result yet`, placeOf(step, from));
    }
  },
};
