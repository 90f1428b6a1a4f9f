// ReservedStageName: `scratch` and `context` mean something else where a stage is named.
import { type Rule, report } from '../rule.ts';

const reserved = ['context', 'scratch'];

export const reservedStageName: Rule = {
  code: 'ReservedStageName',
  name: 'ReservedStageName',
  family: 'buildkit',
  description: 'Reserved words should not be used as stage names',
  severity: 'warning',
  scope: 'file',
  *check({ stages }) {
    for (const { name, from } of stages) {
      if (name !== undefined && reserved.includes(name)) {
        yield report(
          from,
          `Stage name should not use the same name as reserved stage ${JSON.stringify(name)}`,
        );
      }
    }
  },
};
