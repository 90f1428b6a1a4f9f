// UndefinedVar: a variable that neither this file nor the base image gives a value, and that no ARG declares.
import { nearest } from '../../dockerfile/suggest.ts';
import { type Rule, report } from '../rule.ts';

export const undefinedVar: Rule = {
  name: 'UndefinedVar',
  description: 'Variables should be defined above their use',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, env, undeclared } of steps) {
      for (const name of undeclared) {
        const near = nearest(
          name,
          env.entries().map(([known]) => known),
        );
        const hint = near === undefined ? '' : ` (did you mean $${near}?)`;
        yield report(instruction, `Usage of undefined variable '$${name}'${hint}`);
      }
    }
  },
};
