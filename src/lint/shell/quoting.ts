// Where the shell splits what an expansion gives into words, and where it does not.
import { declarations } from './declarations.ts';
import type { Dialect } from './dialect.ts';
import { ancestors, isOf, type Place } from './place.ts';
import { literalText } from './word-text.ts';

const unsplit = [
  ...(['DoubleQuoted', 'LocaleString', 'HereDocBody', 'ParameterExpansion', 'TestCommand'] as const),
  ...(['ArithmeticExpansion', 'ArithmeticCommand', 'ArithmeticFor', 'Case', 'For', 'Select'] as const),
] as const;

/** Whether what stands there is split, and its `*` looked up: in a word without quotes, of a command or a redirection. */
export function isSplit(place: Place, dialect: Dialect): boolean {
  for (const one of ancestors(place)) {
    if (isOf(one, ...unsplit)) return false;
    if (isOf(one, 'Command')) return true;
    if (isOf(one, 'Assignment') && (dialect !== 'sh' || !isArgument(one))) return false;
  }
  return true;
}

/** The same, and in the words of a loop, where it is split, too. */
export function isSplitOrLooped(place: Place, dialect: Dialect): boolean {
  const word = place.parent;
  return isSplit(place, dialect) || (isOf(word, 'Word') && isOf(word.parent, 'For', 'Select'));
}

/** Behind `export` and the like; POSIX lets a shell split it. */
function isArgument({ node, parent }: Place): boolean {
  if (!isOf(parent, 'Command')) return false;
  const { name, suffix } = parent.node;
  return (
    name !== undefined && declarations.has(literalText(name) ?? '') && suffix.some((one) => one === node)
  );
}

/** Whether it alone is what names the program to run. */
export function isCommandName({ node, parent }: Place): boolean {
  if (!isOf(parent, 'Word') || parent.node.parts?.length !== 1 || parent.node.parts[0] !== node) return false;
  const command = parent.parent;
  return isOf(command, 'Command') && command.node.name === parent.node;
}
