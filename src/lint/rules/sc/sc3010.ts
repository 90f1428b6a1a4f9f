// SC3010: sh takes [[ for a program.
import { posix, shellRule } from './shell-rule.ts';

export const sc3010 = shellRule({
  code: 'SC3010',
  name: 'DoubleBracketsInSh',
  description: 'A test in sh should stand between single brackets',
  severity: 'warning',
  signs: ['[['],
  shells: posix,
  *check({ nodes }) {
    for (const place of nodes('TestCommand'))
      yield {
        place,
        message: 'sh has no [[ ]]: write [ ], with quotes around variables, or choose bash with SHELL',
      };
  },
});
