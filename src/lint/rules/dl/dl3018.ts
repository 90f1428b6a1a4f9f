// DL3018: what apk adds without a version is another thing next week.
import { hasWord, operands, withoutValues } from '../../shell/command.ts';
import { tellUnpinned } from './pinned.ts';
import { commandsOf, type LintRule } from './walk.ts';

const names = ['t', 'virtual', 'repository', 'X'];

export const dl3018: LintRule = {
  code: 'DL3018',
  name: 'UnpinnedApk',
  family: 'hadolint',
  description: 'apk add should name the version of each package',
  severity: 'warning',
  scope: 'instruction',
  on: ['apk'],
  *check(file) {
    // `!name` keeps a package out.
    const isPinned = (text: string) => /[=~<>]|\.apk$/.test(text) || (!file.compat && text.startsWith('!'));
    for (const { step, command } of commandsOf(file, ['apk'])) {
      if (!hasWord(command, 'add')) continue;
      const flags = { names: file.compat ? names : [...names, 'p', 'root'], greedy: file.compat };
      const words = operands(withoutValues(command.words, flags)).filter(({ text }) => text !== 'add');
      yield* tellUnpinned(file, { step, command }, { words, isPinned, form: 'name=version or name~version' });
    }
  },
};
