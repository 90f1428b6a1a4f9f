// ExposeInvalidFormat: EXPOSE names ports of the container; addresses and ports of the host have no effect.
import { type Rule, report } from '../rule.ts';

export const exposeInvalidFormat: Rule = {
  code: 'ExposeInvalidFormat',
  name: 'ExposeInvalidFormat',
  family: 'buildkit',
  description: 'EXPOSE should hold ports of the container alone, without an address or a port of the host',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, words } of steps) {
      if (instruction.keyword !== 'EXPOSE') continue;
      for (const port of words) {
        if (!port.includes(':')) continue;
        yield report(
          instruction,
          `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
        );
      }
    }
  },
};
