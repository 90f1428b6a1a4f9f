// SC3037: POSIX's echo knows no flags.
import { literalText } from '../../shell/word-text.ts';
import { commandsNamed } from './commands.ts';
import { shellRule } from './shell-rule.ts';

export const sc3037 = shellRule({
  code: 'SC3037',
  name: 'EchoFlagInSh',
  description: 'A step that sh runs should print with printf where echo would need flags',
  severity: 'warning',
  signs: ['echo'],
  needs: ['-'],
  shells: ['sh'],
  *check(code) {
    for (const place of commandsNamed(code, 'echo')) {
      const [arg] = place.node.args;
      const text = arg?.type === 'Word' ? (literalText(arg) ?? '') : '';
      if (arg === undefined || !/^-[eEsn]+$/.test(text)) continue;
      const message = `Some sh print ${text} as it stands: use printf`;
      yield { place, message, from: arg.pos, to: arg.end };
    }
  },
});
