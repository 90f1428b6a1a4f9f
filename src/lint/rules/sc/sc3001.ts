// SC3001: sh has no <(...).
import { posix, shellRule } from './shell-rule.ts';

export const sc3001 = shellRule({
  code: 'SC3001',
  name: 'ProcessSubstitutionInSh',
  description: 'A step that sh runs should use a pipe or a file in the place of <(...)',
  severity: 'warning',
  signs: ['<(', '>('],
  shells: posix,
  *check({ nodes }) {
    for (const place of nodes('ProcessSubstitution'))
      yield {
        place,
        message: 'sh has no <(...), and the step fails: use a pipe or a file, or choose bash with SHELL',
      };
  },
});
