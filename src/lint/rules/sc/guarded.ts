// Uses of a variable that reckon with its being unset.
import { ancestors, isOf } from '../../shell/place.ts';
import { programOf } from '../../shell/programs.ts';
import type { ShellCode } from '../../shell/shell-code.ts';
import { textsOf } from './commands.ts';
import { type Expansion, expansions, nameOf } from './expansions.ts';

/** `${x:-y}`, `${x:?}` and the like. */
export function isDefaulted({ node }: Expansion): boolean {
  return node.type === 'ParameterExpansion' && node.operation?.type === 'Default';
}

/** Variables that a `[ -n "$x" ]` or `${x:?}` looks at. */
export function namesLookedAt(code: ShellCode): string[] {
  return expansions(code).filter(isLookedAt).map(nameOf);
}

function isLookedAt(place: Expansion): boolean {
  const { node } = place;
  if (
    node.type === 'ParameterExpansion' &&
    node.operation?.type === 'Default' &&
    node.operation.operator.endsWith('?')
  )
    return true;
  for (const one of ancestors(place)) {
    if (isOf(one, 'TestUnary')) return /^-[nz]$/.test(one.node.operator);
    if (!isOf(one, 'Command')) continue;
    if (programOf(one.node) !== '[') return false;
    const index = one.node.args.findIndex(({ pos, end }) => pos <= place.node.pos && place.node.end <= end);
    return /^-[nz]$/.test(textsOf(one.node)[index - 1] ?? '');
  }
  return false;
}
