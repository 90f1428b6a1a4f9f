// DL3033: what yum installs without a version is another thing next week.
import { hasWord, operands } from '../../shell/command.ts';
import { knownNames } from './known-names.ts';
import { tellUnpinned } from './pinned.ts';
import { isPinnedRpm } from './rpm-version.ts';
import { commandsOf, type LintRule } from './walk.ts';

export const dl3033: LintRule = {
  code: 'DL3033',
  name: 'UnpinnedYum',
  family: 'hadolint',
  description: 'yum install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['yum'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['yum'])) {
      if (!hasWord(command, 'install')) continue;
      const known = knownNames(file, step.stage);
      const isModule = hasWord(command, 'module');
      const isPinned = (text: string) =>
        isModule ? text.includes(':') : isPinnedRpm(text, known, file.compat);
      const words = operands(command.words).filter(({ text }) => text !== 'install' && text !== 'module');
      yield* tellUnpinned(
        file,
        { step, command },
        { words, isPinned, form: isModule ? 'name:version' : 'name-version' },
      );
    }
  },
};
