// DL3034: a step can't answer questions.
import { hasFlag, hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

const verbs = ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'];

export const dl3034: LintRule = {
  code: 'DL3034',
  name: 'ZypperAsks',
  family: 'hadolint',
  description: 'zypper should have -y or --non-interactive',
  severity: 'warning',
  scope: 'instruction',
  on: ['zypper'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['zypper'])) {
      if (!hasWord(command, ...verbs)) continue;
      if (hasFlag(command, 'non-interactive', 'n', 'no-confirm', 'y')) continue;
      const message = 'zypper asks before it goes on, and nobody answers: add -y';
      yield { ...at(step, message, command.range()), fix: () => addFlag(command, '-y', verbs) };
    }
  },
};
