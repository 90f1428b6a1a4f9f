// SC2086: the value of a variable falls apart into words, and the words into file names.
import { isCommandName, isSplit } from '../../shell/quoting.ts';
import { numbers } from '../../shell/values.ts';
import { commandAround } from './commands.ts';
import { type Expansion, expansions, nameOf } from './expansions.ts';
import { quoted, shellRule } from './shell-rule.ts';

export const sc2086 = shellRule({
  code: 'SC2086',
  name: 'UnquotedVariable',
  description: 'The value of a variable should stay one word',
  severity: 'info',
  signs: ['$'],
  *check(code) {
    for (const place of expansions(code)) {
      if (!isSplit(place, code.dialect) || isCommandName(place) || isHarmless(place)) continue;
      if (code.values().at(place.node) === 'clean') continue;
      const message = 'Blanks in the value part it into words, and * in it becomes file names: quote it';
      yield { place, message, fix: quoted(place) };
    }
  },
});

/** `$@` is another rule's, `${x:+"$y"}` says itself what is quoted, a count has no blanks. */
function isHarmless(place: Expansion): boolean {
  const { node } = place;
  if (numbers.test(nameOf(place))) return true;
  if (node.type === 'SimpleExpansion') return node.text === '$@';
  if (node.parameter === '@' || node.prefix === '#') return true;
  if (node.index?.text === '@') return true;
  if (node.operation?.type !== 'Default') return false;
  const { operator } = node.operation;
  // `: ${x:=y}` is for the assignment.
  return operator.endsWith('+') || (operator.endsWith('=') && commandAround(place)?.node.name?.text === ':');
}
