// SC2035: a file called -rf that * gives is taken for a flag.

import { programOf } from '../../shell/programs.ts';
import { textOfArgument } from './commands.ts';
import { shellRule } from './shell-rule.ts';

const harmless: readonly (string | undefined)[] = ['echo', 'printf'];

export const sc2035 = shellRule({
  code: 'SC2035',
  name: 'PatternAsFlag',
  description: 'A pattern in an argument should not give names that begin with a dash',
  severity: 'info',
  signs: [/\s[*?]/],
  *check({ nodes }) {
    for (const place of nodes('Command')) {
      const { node } = place;
      if (node.name === undefined || harmless.includes(programOf(node))) continue;
      for (const arg of node.args) {
        if (['--', ':::', '::::'].includes(textOfArgument(arg))) break;
        const first = arg.type === 'Word' ? arg.parts?.[0] : undefined;
        if (first?.type !== 'Glob' || first.kind === 'bracket') continue;
        const fix = {
          safety: 'suggested' as const,
          title: 'Put ./ in front of it',
          edits: [{ from: arg.pos, to: arg.pos, text: './' }],
        };
        const message = 'A file whose name begins with - is taken for a flag: put ./ in front of the pattern';
        yield { place, message, from: first.pos, to: first.end, fix };
      }
    }
  },
});
