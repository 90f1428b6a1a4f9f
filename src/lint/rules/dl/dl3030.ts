// DL3030: a step can't answer questions.
import { hasFlag, hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

const verbs = ['install', 'groupinstall', 'localinstall'];

export const dl3030: LintRule = {
  code: 'DL3030',
  name: 'YumAsks',
  family: 'hadolint',
  description: 'yum install should have -y',
  severity: 'warning',
  scope: 'instruction',
  on: ['yum'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['yum'])) {
      if (!hasWord(command, ...verbs) || hasFlag(command, 'y', 'assumeyes')) continue;
      const message = 'yum asks before it goes on, and nobody answers: add -y';
      yield { ...at(step, message, command.range()), fix: () => addFlag(command, '-y', verbs) };
    }
  },
};
