// DL3061: a Dockerfile begins with FROM.
import { at, type LintRule } from './walk.ts';

export const dl3061: LintRule = {
  code: 'DL3061',
  name: 'BeforeFrom',
  family: 'hadolint',
  description: 'Nothing but ARG should stand before the first FROM',
  severity: 'error',
  scope: 'instruction',
  *check(file) {
    for (const step of file.steps) {
      if (step.stage !== undefined) return;
      const { keyword, written } = step.instruction;
      if (keyword !== 'ARG')
        yield at(step, `${written} stands before the first FROM, where a build refuses it`);
    }
  },
};
