// SC2068: the arguments fall apart into words.

import { isSplitOrLooped } from '../../shell/quoting.ts';
import { type Expansion, expansions } from './expansions.ts';
import { quoted, shellRule } from './shell-rule.ts';

export const sc2068 = shellRule({
  code: 'SC2068',
  name: 'UnquotedArguments',
  description: 'All arguments, or elements of an array, should stay as they are',
  severity: 'error',
  signs: ['@'],
  needs: ['$'],
  *check(code) {
    for (const place of expansions(code)) {
      if (!isList(place) || !isSplitOrLooped(place, code.dialect)) continue;
      yield { place, message: 'Elements with blanks fall apart into words: quote it', fix: quoted(place) };
    }
  },
});

function isList({ node }: Expansion): boolean {
  if (node.type === 'SimpleExpansion') return node.text === '$@';
  if (
    node.prefix !== undefined ||
    (node.operation?.type === 'Default' && node.operation.operator.endsWith('+'))
  )
    return false;
  return node.parameter === '@' || node.index?.text === '@';
}
