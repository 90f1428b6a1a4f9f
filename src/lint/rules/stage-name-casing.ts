// StageNameCasing: names of stages are looked up in lower case, so they should be written in it.
import { type Rule, report } from '../rule.ts';

export const stageNameCasing: Rule = {
  code: 'StageNameCasing',
  name: 'StageNameCasing',
  family: 'buildkit',
  description: 'Stage names should be written in lower case',
  severity: 'warning',
  scope: 'instruction',
  *check({ stages }) {
    for (const { from } of stages) {
      if (from.writtenName !== from.name)
        yield report(from, `Stage name '${from.writtenName}' should be lowercase`);
    }
  },
};
