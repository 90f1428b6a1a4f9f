// SC2226: a link needs a place.

import { commandsNamed, flagsOf, operandsOf } from './commands.ts';
import { isVariable } from './literal.ts';
import { shellRule } from './shell-rule.ts';

export const sc2226 = shellRule({
  code: 'SC2226',
  name: 'LinkWithoutPlace',
  description: 'ln should be told where the link goes',
  severity: 'warning',
  signs: ['ln'],
  *check(code) {
    for (const place of commandsNamed(code, 'ln')) {
      const [only, ...more] = operandsOf(place.node);
      if (only?.type !== 'Word' || more.length > 0 || isVariable(only)) continue;
      if (flagsOf(place.node).some((flag) => flag === 't' || flag === 'target-directory')) continue;
      yield { place, message: 'The link goes into whatever folder the step is in: name its place, or .' };
    }
  },
});
