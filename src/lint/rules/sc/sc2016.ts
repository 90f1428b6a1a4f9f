// SC2016: nothing is expanded between single quotes.
import type { Command } from 'unbash';
import { isOf, type Place } from '../../shell/place.ts';
import { programOf } from '../../shell/programs.ts';
import { commandAround, textsOf } from './commands.ts';
import { shellRule } from './shell-rule.ts';

/** Between single quotes they take programs, of their own language or for later. */
const takers: ReadonlySet<string> = new Set([
  ...[
    'trap',
    'sh',
    'bash',
    'ksh',
    'zsh',
    'ssh',
    'eval',
    'xprop',
    'alias',
    'sudo',
    'doas',
    'run0',
    'docker',
    'podman',
  ],
  ...['oc', 'dpkg-query', 'jq', 'rename', 'rg', 'unset', 'filter-branch'],
]);
const prompts = /^(?:PS[1-4]|PROMPT_COMMAND)$/;
const expansion = /\$[{(0-9a-zA-Z_]|`[^`]+`/;
/** `$` in front of a command of sed is the last line. */
const sedLine = /\$[{dpsaic](?:$|[^a-zA-Z])/;

export const sc2016 = shellRule({
  code: 'SC2016',
  name: 'QuotedExpansion',
  description: 'What is to be expanded should not stand between single quotes',
  severity: 'info',
  signs: ['$', '`'],
  needs: ["'"],
  *check({ nodes }) {
    for (const place of nodes('SingleQuoted')) {
      const text = place.node.value;
      if (!expansion.test(text)) continue;
      const program = readerOf(place);
      if (takers.has(program) || program.endsWith('awk') || program.startsWith('perl')) continue;
      if (program === 'sed' && sedLine.test(text)) continue;
      if (isPrompt(place)) continue;
      yield {
        place,
        message: 'Between single quotes nothing is expanded: use double quotes where it should be',
      };
    }
  },
});

/** Which program gets to see it. */
function readerOf(place: Place): string {
  const node = commandAround(place)?.node;
  const program = node && programOf(node);
  if (node === undefined || program === undefined) return '';
  if (program === 'find') return behind(node, /^-(?:exec|execdir|ok|okdir)$/) ?? program;
  if (program === 'git' && textsOf(node).includes('filter-branch')) return 'filter-branch';
  return program;
}

function behind(node: Command, flag: RegExp): string | undefined {
  const texts = textsOf(node);
  const index = texts.findIndex((text) => flag.test(text));
  return index < 0 ? undefined : texts[index + 1];
}

function isPrompt(place: Place): boolean {
  for (let one = place.parent; one !== undefined && !isOf(one, 'Command'); one = one.parent)
    if (isOf(one, 'Assignment')) return prompts.test(one.node.name);
  return false;
}
