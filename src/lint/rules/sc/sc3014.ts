// SC3014: POSIX compares texts with a single =.

import { commandsNamed } from './commands.ts';
import { posix, shellRule } from './shell-rule.ts';
import { operatorsOf } from './tests.ts';

export const sc3014 = shellRule({
  code: 'SC3014',
  name: 'DoubleEqualsInSh',
  description: 'A test in sh should compare with =',
  severity: 'warning',
  signs: ['=='],
  needs: ['['],
  shells: posix,
  *check(code) {
    for (const place of commandsNamed(code, '[')) {
      for (const { word, text } of operatorsOf(place.node)) {
        if (text !== '==') continue;
        const edits = [{ from: word.pos, to: word.end, text: '=' }];
        const fix = { safety: 'suggested' as const, title: 'Write =', edits };
        yield { place, message: 'POSIX has no == in [ ]: write =', from: word.pos, to: word.end, fix };
      }
    }
  },
});
