// SC3046: POSIX calls it a dot.
import { commandsNamed } from './commands.ts';
import { posix, shellRule } from './shell-rule.ts';

export const sc3046 = shellRule({
  code: 'SC3046',
  name: 'SourceInSh',
  description: 'A step that sh runs should read a script with a dot',
  severity: 'warning',
  signs: [/\bsource\b/],
  shells: posix,
  *check(code) {
    for (const place of commandsNamed(code, 'source')) {
      const { name } = place.node;
      if (name?.text !== 'source') continue;
      const edits = [{ from: name.pos, to: name.end, text: '.' }];
      const fix = { safety: 'suggested' as const, title: 'Write .', edits };
      yield { place, message: 'sh has no source: write . in its place', from: name.pos, to: name.end, fix };
    }
  },
});
