// SC3036: dash's echo has -n alone.
import { literalText } from '../../shell/word-text.ts';
import { commandsNamed } from './commands.ts';
import { shellRule } from './shell-rule.ts';

export const sc3036 = shellRule({
  code: 'SC3036',
  name: 'EchoFlagInDash',
  description: 'A step that dash runs should give echo no flag but -n',
  severity: 'error',
  signs: ['echo'],
  needs: ['-'],
  shells: ['dash'],
  *check(code) {
    for (const place of commandsNamed(code, 'echo')) {
      const [arg] = place.node.args;
      const text = arg?.type === 'Word' ? (literalText(arg) ?? '') : '';
      if (arg === undefined || text === '-n' || !/^-[eEsn]+$/.test(text)) continue;
      yield { place, message: `dash prints ${text} as it stands: use printf`, from: arg.pos, to: arg.end };
    }
  },
});
