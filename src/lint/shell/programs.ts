// The commands of shell code by the programs that they name.
import { basename } from 'node:path/posix';
import type { Command } from 'unbash';
import type { Place, Places } from './place.ts';
import { literalText } from './word-text.ts';

/** The program that a command names, without its folder; undefined where that is known only when it runs. */
export function programOf(node: Command): string | undefined {
  const text = node.name && literalText(node.name);
  return text?.includes('/') ? basename(text) : text;
}

export function indexPrograms(nodes: Places): ReadonlyMap<string, readonly Place<Command>[]> {
  const index = new Map<string, Place<Command>[]>();
  for (const place of nodes('Command')) {
    const name = programOf(place.node);
    if (name === undefined) continue;
    const list = index.get(name);
    if (list === undefined) index.set(name, [place]);
    else list.push(place);
  }
  return index;
}
