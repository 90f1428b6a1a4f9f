// SC2086: the value of a variable falls apart into words, and the words into file names.
import { isCommandName, isSplit } from '../../shell/quoting.ts';
import { type Expansion, expansions } from './expansions.ts';
import { quoted, shellRule } from './shell-rule.ts';

export const sc2086 = shellRule({
  code: 'SC2086',
  name: 'UnquotedVariable',
  description: 'The value of a variable should stay one word',
  severity: 'info',
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
function isHarmless({ node }: Expansion): boolean {
  if (node.type === 'SimpleExpansion') return node.text === '$@';
  if (node.parameter === '@' || node.prefix === '#') return true;
  if (node.index?.text === '@') return true;
  return node.operation?.type === 'Default' && node.operation.operator.endsWith('+');
}
