// DL3041: what dnf installs without a version is another thing next week.
import { hasWord, operands } from '../../shell/command.ts';
import { knownNames } from './known-names.ts';
import { tellUnpinned } from './pinned.ts';
import { isPinnedRpm } from './rpm-version.ts';
import { commandsOf, type LintRule } from './walk.ts';

export const dl3041: LintRule = {
  code: 'DL3041',
  name: 'UnpinnedDnf',
  family: 'hadolint',
  description: 'dnf install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['dnf', 'microdnf'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['dnf', 'microdnf'])) {
      if (!hasWord(command, 'install') || hasWord(command, 'group')) continue;
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
