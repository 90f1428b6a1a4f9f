// DL3028: what gem installs without a version is another thing next week.
import { hasFlag, hasWord, operands, type ShellCommand, type ShellWord } from '../../shell/command.ts';
import { tellUnpinned } from './pinned.ts';
import { commandsOf, type LintRule } from './walk.ts';

const isPinned = (text: string) => text.includes(':');
const alone = [
  '--no-document',
  '--no-doc',
  '--no-ri',
  '--no-rdoc',
  '-N',
  '--force',
  '-f',
  '--quiet',
  '-q',
  '--prerelease',
];

export const dl3028: LintRule = {
  code: 'DL3028',
  name: 'UnpinnedGem',
  family: 'hadolint',
  description: 'gem install should name the version of each gem',
  severity: 'warning',
  scope: 'instruction',
  on: ['gem'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['gem'])) {
      if (!hasWord(command, 'install', 'i') || hasFlag(command, 'v', 'version')) continue;
      const words = gems(command, file.compat);
      yield* tellUnpinned(file, { step, command }, { words, isPinned, form: 'name:version' });
    }
  },
};

/** hadolint takes the word behind each flag of one letter for its value. */
function gems({ words }: ShellCommand, compat: boolean): ShellWord[] {
  const end = words.findIndex(({ text }) => text === '--');
  const own = end < 0 ? [...words] : words.slice(0, end);
  const kept = own.filter(({ text }, index) => {
    const before = own[index - 1]?.text ?? '';
    const isFlag = compat ? /^-[^-]/.test(before) : before.startsWith('-') && !before.includes('=');
    return !isFlag || (!compat && alone.includes(before)) || text.startsWith('-');
  });
  return operands(kept).filter(({ text }) => text !== 'install' && text !== 'i');
}
