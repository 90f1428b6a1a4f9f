// SC3009: sh leaves {a,b} as it stands.
import { posix, shellRule } from './shell-rule.ts';

export const sc3009 = shellRule({
  code: 'SC3009',
  name: 'BracesInSh',
  description: 'A step that sh runs should write out the words of {a,b}',
  severity: 'warning',
  signs: ['{'],
  shells: [...posix, 'ash'],
  *check({ nodes }) {
    for (const place of nodes('BraceExpansion'))
      yield {
        place,
        message: 'sh takes the braces for text: write the words out, or choose bash with SHELL',
      };
  },
});
