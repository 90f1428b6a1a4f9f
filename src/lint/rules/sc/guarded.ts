// Uses of a variable that reckon with its being unset.
import type { ParameterExpansionPart, SimpleExpansionPart } from 'unbash';
import { ancestors, isOf, type Place } from '../../shell/place.ts';
import { programOf, textsOf } from './commands.ts';

/** `${x:-y}`, `${x:?}`, `[ -n "$x" ]`. */
export function isGuarded(place: Place<SimpleExpansionPart> | Place<ParameterExpansionPart>): boolean {
  const { node } = place;
  if (node.type === 'ParameterExpansion' && node.operation?.type === 'Default') return true;
  for (const one of ancestors(place)) {
    if (isOf(one, 'TestUnary')) return /^-[nz]$/.test(one.node.operator);
    if (!isOf(one, 'Command')) continue;
    if (!/^(?:\[|test)$/.test(programOf(one.node) ?? '')) return false;
    const index = one.node.args.findIndex(({ pos, end }) => pos <= node.pos && node.end <= end);
    return /^-[nz]$/.test(textsOf(one.node)[index - 1] ?? '');
  }
  return false;
}
