// DL3014: a step can't answer questions.
import { countFlag, hasFlag, hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3014: LintRule = {
  code: 'DL3014',
  name: 'AptGetAsks',
  family: 'hadolint',
  description: 'apt-get install should have -y',
  severity: 'warning',
  scope: 'instruction',
  on: ['apt-get'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['apt-get'])) {
      if (!hasWord(command, 'install') || hasFlag(command, 'y', 'yes', 'qq', 'assume-yes')) continue;
      if (countFlag(command, 'q') > 1 || countFlag(command, 'quiet') > 1 || hasWord(command, '-q=2'))
        continue;
      const message = 'apt-get install asks before it goes on, and nobody answers: add -y';
      yield { ...at(step, message, command.range()), fix: () => addFlag(command, '-y', ['install']) };
    }
  },
};
