// MaintainerDeprecated: MAINTAINER sets a field that few tools show; a label says more.
import { type Rule, report } from '../rule.ts';

export const maintainerDeprecated: Rule = {
  code: 'MaintainerDeprecated',
  name: 'MaintainerDeprecated',
  family: 'buildkit',
  description: 'MAINTAINER is deprecated: a label should name the author',
  severity: 'warning',
  scope: 'instruction',
  *check({ stages }) {
    for (const instruction of stages.flatMap((stage) => stage.instructions)) {
      if (instruction.keyword === 'MAINTAINER')
        yield report(instruction, 'Maintainer instruction is deprecated in favor of using label');
    }
  },
};
