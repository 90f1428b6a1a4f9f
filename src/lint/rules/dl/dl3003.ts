// DL3003: WORKDIR changes the folder for good, and is seen by who reads the file.
import { at, type LintRule, runsOf } from './walk.ts';

export const dl3003: LintRule = {
  code: 'DL3003',
  name: 'WorkdirForCd',
  family: 'hadolint',
  description: 'WORKDIR should change the folder, not cd',
  severity: 'warning',
  scope: 'instruction',
  on: ['cd'],
  *check(file) {
    for (const { step, commands } of runsOf(file, { onbuild: false })) {
      const command = commands.find(({ name }) => name === 'cd');
      if (command === undefined) continue;
      yield at(step, 'cd holds for the rest of this RUN alone: set a WORKDIR', command.range());
    }
  },
};
