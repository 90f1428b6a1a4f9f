// SC2155: export and its like succeed, whatever the command in their value does.
import type { Assignment } from 'unbash';
import { declarations } from '../../shell/declarations.ts';
import { programOf } from '../../shell/programs.ts';
import { shellRule } from './shell-rule.ts';

export const sc2155 = shellRule({
  code: 'SC2155',
  name: 'MaskedFailure',
  description: 'A declaration should not hide the failure of a command in its value',
  severity: 'warning',
  signs: ['$', '`'],
  needs: [/export|local|readonly|declare|typeset/],
  *check({ nodes }) {
    for (const place of nodes('Command')) {
      const name = programOf(place.node);
      if (name === undefined || !declarations.has(name)) continue;
      for (const arg of place.node.args) {
        if (arg.type !== 'Assignment' || !runsCommand(arg)) continue;
        const message = `${name} succeeds where the command in the value fails: set ${arg.name} first, then ${name} it`;
        const to = arg.pos + arg.name.length;
        yield { place, message, from: arg.pos, to };
      }
    }
  },
});

function runsCommand({ value }: Assignment): boolean {
  if (value.type !== 'Word') return false;
  return (value.parts ?? []).some((part) =>
    part.type === 'DoubleQuoted'
      ? part.parts.some(({ type }) => type === 'CommandExpansion')
      : part.type === 'CommandExpansion',
  );
}
