// Where a script asks for the value of a variable.
import type { ParameterExpansionPart, SimpleExpansionPart } from 'unbash';
import type { Place } from '../../shell/place.ts';
import type { ShellCode } from '../../shell/shell-code.ts';

export type Expansion = Place<SimpleExpansionPart> | Place<ParameterExpansionPart>;

/** In the order of the text. */
export function expansions({ nodes }: ShellCode): readonly Expansion[] {
  const [simple, braced] = [nodes('SimpleExpansion'), nodes('ParameterExpansion')];
  if (braced.length === 0) return simple;
  return [...simple, ...braced].sort((a, b) => a.node.pos - b.node.pos);
}

export function nameOf({ node }: Expansion): string {
  return node.type === 'SimpleExpansion' ? node.text.slice(1) : node.parameter;
}
