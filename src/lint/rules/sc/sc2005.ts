// SC2005: echo of what a command prints.
import { commandsNamed } from './commands.ts';
import { shellRule } from './shell-rule.ts';

export const sc2005 = shellRule({
  code: 'SC2005',
  name: 'EchoOfSubstitution',
  description: 'A command prints what it prints without an echo around it',
  severity: 'style',
  signs: ['$', '`'],
  needs: ['echo'],
  *check(code) {
    for (const place of commandsNamed(code, 'echo')) {
      const [arg, ...more] = place.node.args;
      if (arg?.type !== 'Word' || more.length > 0) continue;
      const [part, ...rest] = arg.parts ?? [];
      const inner = part?.type === 'DoubleQuoted' && part.parts.length === 1 ? part.parts[0] : part;
      if (inner?.type !== 'CommandExpansion' || rest.length > 0) continue;
      yield { place, message: 'The echo does nothing: run the command alone', from: arg.pos, to: arg.end };
    }
  },
});
