// SC3050: POSIX's printf knows no %q.

import { commandsNamed } from './commands.ts';
import { literalOf } from './literal.ts';
import { formatOf } from './sc2059.ts';
import { posix, shellRule } from './shell-rule.ts';

export const sc3050 = shellRule({
  code: 'SC3050',
  name: 'PrintfQuoteInSh',
  description: 'A step that sh runs should not use %q of printf',
  severity: 'warning',
  signs: ['%q'],
  shells: posix,
  *check(code) {
    for (const place of commandsNamed(code, 'printf')) {
      const format = formatOf(place.node.args);
      if (format?.type !== 'Word' || !literalOf(format).includes('%q')) continue;
      yield {
        place,
        message: 'printf of sh has no %q: choose bash with SHELL',
        from: format.pos,
        to: format.end,
      };
    }
  },
});
