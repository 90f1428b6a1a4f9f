// SC2006: backquotes can't be nested without backslashes.
import { shellRule } from './shell-rule.ts';

export const sc2006 = shellRule({
  code: 'SC2006',
  name: 'Backquotes',
  description: 'Command substitutions should be written $(...)',
  severity: 'style',
  signs: ['`'],
  *check({ nodes }) {
    for (const place of nodes('CommandExpansion')) {
      const { node, code } = place;
      if (code.text[node.pos] !== '`' || !node.script?.commands.length) continue;
      const inner = code.text.slice(node.pos + 1, node.end - 1);
      const edits = [
        { from: node.pos, to: node.pos + 1, text: '$(' },
        { from: node.end - 1, to: node.end, text: ')' },
      ];
      const fix = { safety: 'safe' as const, title: 'Write $(...)', edits };
      yield {
        place,
        message: 'Write $(...): it nests, and backslashes in it stay',
        fix: meansTheSame(inner) ? fix : undefined,
      };
    }
  },
});

/**
 * Whether both ways run the same. Behind backslashes they differ, a comment would take the bracket in, and a quote that
 * does not end in front of the backquote is another one.
 */
function meansTheSame(inner: string): boolean {
  const unquoted = inner.replace(/'[^']*'|"[^"]*"/g, '');
  return !/[\\`]/.test(inner) && !/['"]|(?:^|[\s;&|()])#/.test(unquoted) && !inner.startsWith('(');
}
