// DL3035: dist-upgrade changes what the base image is.
import { hasWord } from '../../shell/command.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3035: LintRule = {
  code: 'DL3035',
  name: 'ZypperDistUpgrade',
  family: 'hadolint',
  description: 'RUN should not call zypper dist-upgrade',
  severity: 'warning',
  scope: 'instruction',
  on: ['zypper'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['zypper'])) {
      if (!hasWord(command, 'dist-upgrade', 'dup')) continue;
      yield at(
        step,
        'dist-upgrade makes another distribution of the base image: take a newer base',
        command.range(),
      );
    }
  },
};
