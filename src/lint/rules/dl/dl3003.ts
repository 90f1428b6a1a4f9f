// DL3003: WORKDIR changes the folder for good, and is seen by who reads the file.
import type { LintStep } from '../../lint-file.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3003: LintRule = {
  code: 'DL3003',
  name: 'WorkdirForCd',
  family: 'hadolint',
  description: 'WORKDIR should change the folder, not cd',
  severity: 'warning',
  scope: 'instruction',
  on: ['cd'],
  *check(file) {
    let last: LintStep | undefined;
    for (const { step, command } of commandsOf(file, ['cd'])) {
      if (step.isTrigger || step === last) continue;
      last = step;
      yield at(step, 'cd holds for the rest of this RUN alone: set a WORKDIR', command.range());
    }
  },
};
