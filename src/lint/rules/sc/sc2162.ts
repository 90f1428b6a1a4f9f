// SC2162: read takes backslashes for escapes.
import { commandsNamed, flagsOf } from './commands.ts';
import { shellRule } from './shell-rule.ts';

export const sc2162 = shellRule({
  code: 'SC2162',
  name: 'ReadMangles',
  description: 'read should have -r, so that backslashes stay',
  severity: 'info',
  signs: ['read'],
  *check(code) {
    for (const place of commandsNamed(code, 'read')) {
      if (flagsOf(place.node).includes('r')) continue;
      const end = place.node.name?.end ?? place.node.end;
      const fix = {
        safety: 'suggested' as const,
        title: 'Add -r',
        edits: [{ from: end, to: end, text: ' -r' }],
      };
      yield { place, message: 'read drops backslashes: add -r', to: end, fix };
    }
  },
});
