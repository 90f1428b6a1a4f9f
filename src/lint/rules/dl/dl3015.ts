// DL3015: recommended packages are what nobody asked for.
import { hasFlag, hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3015: LintRule = {
  code: 'DL3015',
  name: 'AptGetRecommends',
  family: 'hadolint',
  description: 'apt-get install should have --no-install-recommends',
  severity: 'info',
  scope: 'instruction',
  on: ['apt-get'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['apt-get'])) {
      if (!hasWord(command, 'install') || hasFlag(command, 'no-install-recommends')) continue;
      if (hasWord(command, 'APT::Install-Recommends=false')) continue;
      if (!file.compat && hasWord(command, 'APT::Install-Recommends=0', 'APT::Install-Recommends=no'))
        continue;
      const message = 'Packages that nobody asked for come along: add --no-install-recommends';
      const fix = () => addFlag(command, '--no-install-recommends', ['install']);
      yield { ...at(step, message, command.range()), fix };
    }
  },
};
