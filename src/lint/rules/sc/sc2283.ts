// SC2283: with blanks around = it is a command, not an assignment.
import { wordText } from '../../shell/word-text.ts';
import { shellRule } from './shell-rule.ts';

export const sc2283 = shellRule({
  code: 'SC2283',
  name: 'BlankBeforeEquals',
  description: 'An assignment should have no blanks around =',
  severity: 'error',
  signs: [/\s=/],
  *check({ nodes, isExactly }) {
    for (const place of nodes('Command')) {
      const [arg] = place.node.args;
      if (place.node.name === undefined || arg?.type !== 'Word' || !/^=(?!=)/.test(arg.text)) continue;
      // A mode of files may begin so: chmod =rw a.
      if (!isExactly && place.node.name.text === 'chmod') continue;
      const name = wordText(place.node.name).replace(/^\$\{(.*)\}$/, '$1');
      const message = `This runs a command ${name}: write ${name}=value to set a variable, or quote the =`;
      yield { place, message, from: arg.pos, to: arg.end };
    }
  },
});
