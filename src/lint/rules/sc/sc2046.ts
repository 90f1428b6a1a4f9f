// SC2046: what a command substitution gives falls apart into words, and the words into file names.

import { programOf } from '../../shell/programs.ts';
import { isCommandName, isSplit } from '../../shell/quoting.ts';
import { quoted, shellRule } from './shell-rule.ts';

/** They are there to give words. */
const makers: readonly (string | undefined)[] = ['seq', 'pgrep'];

export const sc2046 = shellRule({
  code: 'SC2046',
  name: 'UnquotedSubstitution',
  description: 'What a command substitution gives should stay one word',
  severity: 'warning',
  signs: ['$', '`'],
  *check({ nodes, dialect }) {
    for (const place of nodes('CommandExpansion')) {
      const { script } = place.node;
      if (script === undefined || script.commands.length === 0) continue;
      if (!isSplit(place, dialect) || isCommandName(place)) continue;
      const [only, ...more] = script.commands;
      const inner =
        only?.command.type === 'Command' && more.length === 0 ? programOf(only.command) : undefined;
      if (makers.includes(inner)) continue;
      const message =
        'Blanks in what this gives part it into words, and * in it becomes file names: quote it';
      yield { place, message, fix: quoted(place) };
    }
  },
});
