// SC3011: sh has no <<<.
import { posix, shellRule } from './shell-rule.ts';

export const sc3011 = shellRule({
  code: 'SC3011',
  name: 'HereStringInSh',
  description: 'A step that sh runs should feed a text with a pipe or a heredoc',
  severity: 'warning',
  signs: ['<<<'],
  shells: posix,
  *check({ nodes }) {
    for (const place of nodes('HereString'))
      yield { place, message: "sh has no <<<, and the step fails: printf '%s\\n' text | command" };
  },
});
