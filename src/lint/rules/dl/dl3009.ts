// DL3009: the lists that apt-get update fetches stay in the layer unless the same RUN deletes them.

import type { RunInstruction } from '../../../dockerfile/instruction.ts';
import { addCommand } from '../../fixes/added-command.ts';
import { hasWord, type ShellCommand } from '../../shell/command.ts';
import { keepsOut, mountsOf } from './mounts.ts';
import { basesAndLast, shippedStages } from './stage-use.ts';
import { at, type LintRule, runsWith } from './walk.ts';

const lists = '/var/lib/apt/lists';
const programs = ['apt', 'apt-get', 'aptitude'];

export const dl3009: LintRule = {
  code: 'DL3009',
  name: 'AptListsLeft',
  family: 'hadolint',
  description: 'The RUN that fetches the lists of apt should delete them',
  severity: 'info',
  scope: 'instruction',
  on: programs,
  *check(file) {
    const wanted = file.compat ? basesAndLast(file) : shippedStages(file);
    for (const { step, commands } of runsWith(file, programs)) {
      if (step.stage !== undefined && !wanted.has(step.stage)) continue;
      const update = commands.find((one) => programs.includes(one.name) && hasWord(one, 'update'));
      if (update === undefined || commands.some(file.compat ? seemsToClean : cleans)) continue;
      if (isKeptOut(step.instruction)) continue;
      const message = `The lists that update fetched stay in the layer: add && rm -rf ${lists}/*`;
      yield { ...at(step, message, update.range()), fix: () => addCommand(step, file, `rm -rf ${lists}/*`) };
    }
  },
};

/** hadolint takes any `rm -rf` for it. */
function seemsToClean(command: ShellCommand): boolean {
  return command.name === 'rm' && hasWord(command, '-rf', `${lists}/*`);
}

function cleans(command: ShellCommand): boolean {
  if (command.name === 'rm')
    return command.words.some(({ text }) => /^\/var\/lib\/apt(?:\/|$)|\$/.test(text));
  // What find is told to delete is its own matter.
  if (command.name === 'find') return command.words.some(({ text }) => text.startsWith(lists));
  return command.name === 'apt-get' && hasWord(command, 'dist-clean', 'distclean');
}

function isKeptOut(run: RunInstruction): boolean {
  if (keepsOut(run, lists)) return true;
  const targets = mountsOf(run)
    .filter(({ type }) => type === 'cache' || type === 'tmpfs')
    .map(({ target }) => target);
  return ['/var/lib/apt', '/var/cache/apt'].every((folder) =>
    targets.some((target) => target.includes(folder)),
  );
}
