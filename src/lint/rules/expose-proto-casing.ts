// ExposeProtoCasing: the protocol of a port should be written in lower case.
import { type Rule, report } from '../rule.ts';

export const exposeProtoCasing: Rule = {
  code: 'ExposeProtoCasing',
  name: 'ExposeProtoCasing',
  family: 'buildkit',
  description: 'The protocol in EXPOSE should be written in lower case',
  severity: 'warning',
  scope: 'instruction',
  *check({ steps }) {
    for (const { instruction, words } of steps) {
      if (instruction.keyword !== 'EXPOSE') continue;
      for (const port of words) {
        const protocol = port.split('/')[1] ?? '';
        if (protocol === protocol.toLowerCase()) continue;
        yield report(instruction, `Defined protocol '${port}' in EXPOSE instruction should be lowercase`);
      }
    }
  },
};
