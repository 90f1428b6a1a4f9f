// SC3014: POSIX compares texts with a single =.

import { posix, shellRule } from './shell-rule.ts';
import { operatorsOf } from './tests.ts';

export const sc3014 = shellRule({
  code: 'SC3014',
  name: 'DoubleEqualsInSh',
  description: 'A test in sh should compare with =',
  severity: 'warning',
  signs: ['=='],
  shells: posix,
  *check({ nodes }) {
    for (const place of nodes('Command')) {
      for (const { word, text } of operatorsOf(place.node)) {
        if (text !== '==') continue;
        const edits = [{ from: word.pos, to: word.end, text: '=' }];
        const fix = { safety: 'suggested' as const, title: 'Write =', edits };
        yield { place, message: 'POSIX has no == in [ ]: write =', from: word.pos, to: word.end, fix };
      }
    }
  },
});
