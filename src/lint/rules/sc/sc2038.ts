// SC2038: xargs parts the names that find prints at blanks and quotes.

import { programOf } from '../../shell/programs.ts';
import { flagsOf, pipedPairs, textsOf } from './commands.ts';
import { shellRule } from './shell-rule.ts';

export const sc2038 = shellRule({
  code: 'SC2038',
  name: 'FindIntoXargs',
  description: 'Names from find should reach xargs whole',
  severity: 'warning',
  signs: ['|'],
  needs: ['find', 'xargs'],
  *check(code) {
    for (const [place, left, right] of pipedPairs(code)) {
      if (programOf(left) !== 'find' || right.type !== 'Command' || programOf(right) !== 'xargs') continue;
      if (textsOf(left).some((text) => /^-(?:print0|printf|fprint0|fprintf)$/.test(text))) continue;
      if (flagsOf(right).some((flag) => flag === '0' || flag === 'null')) continue;
      const message = 'A name with a blank reaches xargs as two: use -print0 and xargs -0, or -exec ... +';
      yield { place, message, from: left.pos, to: left.end };
    }
  },
});
