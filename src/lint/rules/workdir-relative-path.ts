// WorkdirRelativePath: a relative WORKDIR without one above it depends on what the base image has.
import { type Rule, report } from '../rule.ts';

export const workdirRelativePath: Rule = {
  code: 'WorkdirRelativePath',
  name: 'WorkdirRelativePath',
  family: 'buildkit',
  description: 'The first WORKDIR should be absolute: a relative one changes with the base image',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, words, workdirSet } of steps) {
      if (instruction.keyword !== 'WORKDIR' || workdirSet || words[0]!.startsWith('/')) continue;
      yield report(
        instruction,
        `Relative workdir ${JSON.stringify(words[0])} can have unexpected results if the base image changes`,
      );
    }
  },
};
