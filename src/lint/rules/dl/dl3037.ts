// DL3037: what zypper installs without a version is another thing next week.
import { hasWord, operands, withoutValues } from '../../shell/command.ts';
import { tellUnpinned } from './pinned.ts';
import { commandsOf, type LintRule } from './walk.ts';

const isPinned = (text: string) => /[=<>]|\.rpm$/.test(text);

export const dl3037: LintRule = {
  code: 'DL3037',
  name: 'UnpinnedZypper',
  family: 'hadolint',
  description: 'zypper install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['zypper'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['zypper'])) {
      if (!hasWord(command, 'install', 'in')) continue;
      const names = file.compat ? [] : ['t', 'type', 'r', 'repo', 'from', 'R', 'root'];
      const words = operands(withoutValues(command.words, { names, greedy: false }));
      const packages = words.filter(({ text }) => text !== 'install' && text !== 'in');
      yield* tellUnpinned(file, { step, command }, { words: packages, isPinned, form: 'name=version' });
    }
  },
};
