// JSONArgsRecommended: a shell in front of CMD or ENTRYPOINT keeps signals from the program.
import { type Rule, report } from '../rule.ts';

export const jsonArgsRecommended: Rule = {
  code: 'JSONArgsRecommended',
  name: 'JSONArgsRecommended',
  family: 'buildkit',
  description: 'CMD and ENTRYPOINT should be in JSON form, so that the program gets the signals',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, shellSet } of steps) {
      if (instruction.keyword !== 'CMD' && instruction.keyword !== 'ENTRYPOINT') continue;
      // Who chose a shell wants it.
      if (instruction.command.form === 'exec' || shellSet) continue;
      yield report(
        instruction,
        `JSON arguments recommended for ${instruction.written} to prevent unintended behavior related to OS signals`,
      );
    }
  },
};
