// DL3008: what apt-get installs without a version is another thing next week.
import { aptPackages } from './apt.ts';
import { tellUnpinned } from './pinned.ts';
import { commandsOf, type LintRule } from './walk.ts';

const isPinned = (text: string) => /[=/]|\.deb$/.test(text);

export const dl3008: LintRule = {
  code: 'DL3008',
  name: 'UnpinnedAptGet',
  family: 'hadolint',
  description: 'apt-get install should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['apt-get'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['apt-get'])) {
      const words = aptPackages(command, file.compat);
      if (words !== undefined)
        yield* tellUnpinned(file, { step, command }, { words, isPinned, form: 'name=version' });
    }
  },
};
