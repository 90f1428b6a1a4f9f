// SC2102: brackets without quotes are a pattern for one character.
import { isOf } from '../../shell/place.ts';
import { programOf } from '../../shell/programs.ts';
import { commandAround } from './commands.ts';
import { quoted, shellRule, textOf } from './shell-rule.ts';

export const sc2102 = shellRule({
  code: 'SC2102',
  name: 'BracketPattern',
  description: 'Text in brackets should be quoted, unless it stands for one character',
  severity: 'info',
  signs: [/\[\S/],
  *check({ nodes }) {
    for (const place of nodes('Glob')) {
      if (place.node.kind !== 'bracket') continue;
      const inner = textOf(place).slice(1, -1).replace(/^[!^]/, '').replaceAll('\\', '');
      if (/^:.+:$/.test(inner) || inner.includes('[')) continue;
      const signs = [...inner].filter((sign) => sign !== '-');
      if (new Set(signs).size === signs.length) continue;
      const command = commandAround(place);
      if (command !== undefined && programOf(command.node) === 'tr') continue;
      const word = isOf(place.parent, 'Word') ? place.parent : place;
      const message =
        'The brackets are a pattern for one character, and one is named twice: quote the word if they are text';
      yield { place, message, fix: quoted(word) };
    }
  },
});
