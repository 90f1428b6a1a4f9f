// SC2028: whether echo makes a line break of \n depends on the shell.

import { commandsNamed, flagsOf } from './commands.ts';
import { literalOf } from './literal.ts';
import { shellRule } from './shell-rule.ts';

export const sc2028 = shellRule({
  code: 'SC2028',
  name: 'EscapeInEcho',
  description: 'Escapes should be printed by printf',
  severity: 'info',
  signs: ['\\'],
  shells: ['sh', 'ash', 'bash', 'ksh'],
  *check(code) {
    for (const place of commandsNamed(code, 'echo')) {
      if (flagsOf(place.node).includes('e')) continue;
      for (const arg of place.node.args) {
        if (arg.type !== 'Word' || !/\\[0-7abefnrtvx]/.test(literalOf(arg))) continue;
        const message = 'One shell prints \\n and the like as they stand, another a line break: use printf';
        yield { place, message, from: arg.pos, to: arg.end };
      }
    }
  },
});
