// SC2164: a cd that fails leaves what follows in the wrong folder.
import { flagsIn } from '../../shell/command.ts';
import { ancestors, isOf, type Place } from '../../shell/place.ts';
import { programOf } from '../../shell/programs.ts';
import type { ShellCode } from '../../shell/shell-code.ts';
import { commandsNamed, textsOf } from './commands.ts';
import { shellRule } from './shell-rule.ts';

export const sc2164 = shellRule({
  code: 'SC2164',
  name: 'UncheckedFolderChange',
  description: 'A cd that fails should end the step',
  severity: 'warning',
  signs: ['cd', 'pushd', 'popd'],
  *check(code) {
    let stops: boolean | undefined;
    for (const place of commandsNamed(code, 'cd', 'pushd', 'popd')) {
      const [target] = textsOf(place.node).filter((text) => flagsIn(text).length === 0);
      if (target !== undefined && /^(?:\/|\.|\.\.(?:\/\.\.)*\/?)$/.test(target)) continue;
      if (isChecked(place)) continue;
      stops ??= stopsAtFailure(code);
      if (stops) return;
      const name = programOf(place.node);
      const message = `What follows runs in the wrong folder where ${name} fails: put && behind it, or || exit`;
      yield { place, message };
    }
  },
});

/** Something looks whether it succeeds. */
function isChecked(place: Place): boolean {
  let below: Place = place;
  for (const one of ancestors(place)) {
    const { node } = one;
    if (node.type === 'AndOr' && node.commands.at(-1) !== below.node) return true;
    if ((node.type === 'If' || node.type === 'Elif' || node.type === 'While') && node.clause === below.node)
      return true;
    if (node.type === 'Pipeline' && node.prefixes.some(({ type }) => type === 'Negation')) return true;
    if (isOf(one, 'Function')) return false;
    below = one;
  }
  return false;
}

/** With `set -e`, or a SHELL that has it. */
function stopsAtFailure(code: ShellCode): boolean {
  for (const { node } of commandsNamed(code, 'set')) {
    const words = textsOf(node);
    if (words.some((word) => /^-[a-z]*e/i.test(word)) || words.includes('errexit')) return true;
  }
  return code.stopsAtFailure;
}
