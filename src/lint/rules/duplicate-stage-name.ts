// DuplicateStageName: of two stages of one name, the earlier can't be named any more.
import { type Rule, report } from '../rule.ts';

export const duplicateStageName: Rule = {
  code: 'DuplicateStageName',
  name: 'DuplicateStageName',
  family: 'buildkit',
  description: 'Stage names should be unique',
  severity: 'warning',
  scope: 'file',
  *check({ stages }) {
    const seen = new Set<string>();
    for (const { name, from } of stages) {
      if (name === undefined) continue;
      if (seen.has(name)) {
        yield report(from, `Duplicate stage name ${JSON.stringify(name)}, stage names should be unique`);
      }
      seen.add(name);
    }
  },
};
