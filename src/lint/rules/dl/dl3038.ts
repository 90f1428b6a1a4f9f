// DL3038: a step can't answer questions.
import { hasFlag, hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

const verbs = ['install', 'groupinstall', 'localinstall'];

export const dl3038: LintRule = {
  code: 'DL3038',
  name: 'DnfAsks',
  family: 'hadolint',
  description: 'dnf install should have -y',
  severity: 'warning',
  scope: 'instruction',
  on: ['dnf', 'microdnf'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['dnf', 'microdnf'])) {
      if (!hasWord(command, ...verbs) || hasFlag(command, 'y', 'assumeyes')) continue;
      const message = `${command.name} asks before it goes on, and nobody answers: add -y`;
      yield { ...at(step, message, command.range()), fix: () => addFlag(command, '-y', verbs) };
    }
  },
};
