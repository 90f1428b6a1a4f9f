// SC2166: what -a and -o mean between odd words is up to the shell.

import { commandsNamed } from './commands.ts';
import { shellRule } from './shell-rule.ts';
import { operatorsOf } from './tests.ts';

export const sc2166 = shellRule({
  code: 'SC2166',
  name: 'JoinedTests',
  description: 'Tests should be joined by && and ||',
  severity: 'warning',
  signs: ['-a', '-o'],
  needs: ['['],
  *check(code) {
    for (const place of commandsNamed(code, '[')) {
      for (const { word, text, kind } of operatorsOf(place.node)) {
        if (kind !== 'join') continue;
        const join = text === '-a' ? '&&' : '||';
        const message = `Shells differ in how they read ${text} between odd words: write [ ... ] ${join} [ ... ]`;
        const fix = {
          safety: 'suggested' as const,
          title: `Write ] ${join} [`,
          edits: [{ from: word.pos, to: word.end, text: `] ${join} [` }],
        };
        const isFlat = place.node.args.every((arg) => !/^\\?[()]$/.test(arg.text));
        yield { place, message, from: word.pos, to: word.end, fix: isFlat ? fix : undefined };
      }
    }
  },
});
