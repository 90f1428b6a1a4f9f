// SC3020: sh takes the & of &> for the end of a background command.
import { isOf } from '../../shell/place.ts';
import { posix, shellRule } from './shell-rule.ts';

export const sc3020 = shellRule({
  code: 'SC3020',
  name: 'BothOutputsInSh',
  description: 'A step that sh runs should redirect both outputs with > and 2>&1',
  severity: 'warning',
  signs: ['&>'],
  shells: posix,
  *check({ nodes }) {
    for (const place of nodes('Redirect')) {
      const { operator, target, pos } = place.node;
      if (operator !== '&>' || target === undefined) continue;
      const from = place.code.text.indexOf('&>', pos);
      const edits = [
        { from, to: from + 2, text: '>' },
        { from: target.end, to: target.end, text: ' 2>&1' },
      ];
      const fix = { safety: 'suggested' as const, title: 'Write > file 2>&1', edits };
      const message = 'sh runs the command in the background and empties the file: write > file 2>&1';
      yield {
        place,
        message,
        from,
        to: target.end,
        fix: isOf(place.parent, 'Command', 'Redirected') ? fix : undefined,
      };
    }
  },
});
