// SC3040: options of set that not every sh has.
import { literalText } from '../../shell/word-text.ts';
import { commandsNamed } from './commands.ts';
import { shellRule } from './shell-rule.ts';

const options: ReadonlySet<string> = new Set([
  ...['allexport', 'errexit', 'ignoreeof', 'monitor', 'noclobber', 'noexec', 'noglob', 'nolog', 'notify'],
  ...['nounset', 'verbose', 'vi', 'xtrace'],
]);

export const sc3040 = shellRule({
  code: 'SC3040',
  name: 'SetOptionInSh',
  description: 'A step that sh runs should set only the options that every sh has',
  severity: 'warning',
  signs: ['set'],
  needs: [/[-+][a-zA-Z]*o\s/],
  shells: ['sh'],
  *check(code) {
    for (const place of commandsNamed(code, 'set')) {
      const { args } = place.node;
      for (const [index, arg] of args.entries()) {
        const before = args[index - 1];
        if (arg.type !== 'Word' || before?.type !== 'Word' || !/^[-+][a-zA-Z]*o$/.test(before.text)) continue;
        const option = literalText(arg);
        if (option === undefined || options.has(option)) continue;
        const message = `Not every sh has ${option}, and then the step fails here: choose bash with SHELL`;
        yield { place, message, from: arg.pos, to: arg.end };
      }
    }
  },
});
