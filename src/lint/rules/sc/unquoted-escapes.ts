// Backslashes of a script that stand outside of quotes.
import { isOf, type Place } from '../../shell/place.ts';
import type { ShellCode } from '../../shell/shell-code.ts';

export interface UnquotedEscape {
  place: Place;
  /** Where the backslash stands. */
  at: number;
  /** The character behind it. */
  sign: string;
}

export function* unquotedEscapes({ nodes }: ShellCode): Generator<UnquotedEscape> {
  for (const place of nodes('Word')) {
    const { node, code } = place;
    if (!node.text.includes('\\') || isOf(place.parent, 'HereDoc', 'TestBinary')) continue;
    if (isOf(place.parent, 'Remove', 'Replace', 'Default')) continue;
    const spans =
      node.parts === undefined
        ? [node]
        : node.parts.filter(({ type }) => type === 'Literal' || type === 'Glob' || type === 'BraceExpansion');
    for (const { pos, end } of spans) {
      for (let at = code.text.indexOf('\\', pos); at >= 0 && at < end; at = code.text.indexOf('\\', at + 2)) {
        // `\\cp` is cp, whatever alias has its name.
        if (at === node.pos && isOf(place.parent, 'Command') && place.parent.node.name === node) continue;
        const sign = code.text[at + 1];
        if (sign !== undefined) yield { place, at, sign };
      }
    }
  }
}
