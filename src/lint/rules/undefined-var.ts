// UndefinedVar: a variable that neither this file nor the base image gives a value, and that no ARG declares.
import { type Rule, report } from '../rule.ts';

export const undefinedVar: Rule = {
  code: 'UndefinedVar',
  name: 'UndefinedVar',
  family: 'buildkit',
  description: 'Variables should be defined above their use',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, undeclared } of steps) {
      for (const { name, hint } of undeclared)
        yield report(instruction, `Usage of undefined variable '$${name}'${hint}`);
    }
  },
};
