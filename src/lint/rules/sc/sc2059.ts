// SC2059: a % in the value of a variable is an instruction for printf.

import { commandsNamed, textOfArgument } from './commands.ts';
import { isVariable, literalOf } from './literal.ts';
import { shellRule } from './shell-rule.ts';

export const sc2059 = shellRule({
  code: 'SC2059',
  name: 'VariableFormat',
  description: 'The format of printf should be a fixed text',
  severity: 'info',
  signs: ['printf'],
  *check(code) {
    for (const place of commandsNamed(code, 'printf')) {
      const format = formatOf(place.node.args);
      if (format?.type !== 'Word' || !isVariable(format) || literalOf(format).includes('%')) continue;
      const message = 'A % in the value counts as an instruction: printf \'%s\' "$value"';
      yield { place, message, from: format.pos, to: format.end };
    }
  },
});

/** The first argument behind `-v name` and `--`. */
export function formatOf<T extends Parameters<typeof textOfArgument>[0]>(args: readonly T[]): T | undefined {
  let index = 0;
  if (args[0] !== undefined && textOfArgument(args[0]) === '-v') index = 2;
  const arg = args[index];
  return arg !== undefined && textOfArgument(arg) === '--' ? args[index + 1] : arg;
}
