// The variables that a command sets in the shell that runs it.
import type { ArrayValue, Command, CommandArgument, Word } from 'unbash';
import { declarations } from './declarations.ts';
import { literalText } from './word-text.ts';

export interface VariableChange {
  name: string;
  /** Undefined where the command makes it up. */
  value: Word | ArrayValue | undefined;
  append: boolean;
}

const identifier = /^[A-Za-z_]\w*$/;

/** Of `a=1 b` nothing: that is the environment of b. */
export function assignmentsOf(command: Command): VariableChange[] {
  const changes: VariableChange[] = [];
  if (command.name === undefined) {
    for (const one of command.prefix) {
      if (one.type !== 'Assignment') continue;
      const { name, value, append = false, index } = one;
      changes.push({ name, value: index === undefined ? value : undefined, append });
    }
    return changes;
  }
  const name = literalText(command.name) ?? '';
  for (const word of namesSetBy(name, command.args))
    changes.push({ name: word, value: undefined, append: false });
  if (!declarations.has(name)) return changes;
  for (const arg of command.args) {
    if (arg.type !== 'Assignment') continue;
    changes.push({ name: arg.name, value: arg.value, append: arg.append ?? false });
  }
  return changes;
}

function namesSetBy(command: string, args: readonly CommandArgument[]): string[] {
  const words = args.map((arg) => (arg.type === 'Word' ? (literalText(arg) ?? '') : arg.text));
  const names = words.filter((word) => identifier.test(word));
  switch (command) {
    case 'read':
      return names.length > 0 ? names : ['REPLY'];
    case 'mapfile':
    case 'readarray':
    case 'unset':
      return names;
    case 'getopts':
      return [...names.slice(-1), 'OPTARG', 'OPTIND'];
    case 'printf': {
      const target = words[words.indexOf('-v') + 1];
      return words.includes('-v') && target !== undefined ? [target] : [];
    }
    case 'let':
      return words.flatMap((word) => /^([A-Za-z_]\w*)\s*(?:[-+*/%|&^]|<<|>>)?=/.exec(word)?.[1] ?? []);
    default:
      return [];
  }
}
