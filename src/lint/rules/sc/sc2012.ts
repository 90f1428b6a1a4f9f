// SC2012: what ls prints is for people.

import { programOf } from '../../shell/programs.ts';
import { flagsOf, pipedPairs } from './commands.ts';
import { shellRule } from './shell-rule.ts';

/** They have rules of their own. */
const others: readonly (string | undefined)[] = ['grep', 'xargs'];

export const sc2012 = shellRule({
  code: 'SC2012',
  name: 'ParsedLs',
  description: 'Programs should read names from find or a pattern, not from ls',
  severity: 'info',
  signs: ['|'],
  needs: ['ls'],
  *check(code) {
    for (const [place, left, right] of pipedPairs(code)) {
      const reader = right.type === 'Command' ? programOf(right) : undefined;
      if (programOf(left) !== 'ls' || others.includes(reader) || flagsOf(left).includes('N')) continue;
      const message = 'ls prints odd names so that no program can read them back: use find';
      yield { place, message, from: left.pos, to: left.end };
    }
  },
});
