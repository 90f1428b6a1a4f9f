// DL3046: useradd writes a log file with a hole as large as the number.
import { hasFlag, valueBehind } from '../../shell/command.ts';
import type { addFlag } from './added-flag.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3046: LintRule = {
  code: 'DL3046',
  name: 'UseraddLargeUid',
  family: 'hadolint',
  description: 'useradd with a high number should have --no-log-init',
  severity: 'warning',
  scope: 'instruction',
  on: ['useradd'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['useradd'])) {
      if (hasFlag(command, 'l', 'no-log-init') || !hasFlag(command, 'u', 'uid')) continue;
      const names = file.compat ? ['u'] : ['u', 'uid'];
      const joined = command.words.find(({ text }) => text.startsWith('--uid='))?.text.slice(6);
      const uid = (file.compat ? undefined : joined) ?? valueBehind(command, ...names)?.text ?? '';
      if (uid.length <= 5) continue;
      const message = `useradd writes a log with room for ${uid} users: add --no-log-init`;
      const uidWord =
        command.words.find(({ flags }) => flags.some((flag) => names.includes(flag)))?.text ?? '';
      const fix = () =>
        command.isEditable && uidWord.startsWith('-') ? insertBefore(command, uidWord) : undefined;
      yield { ...at(step, message, command.range()), fix };
    }
  },
};

/** In front of the flag, so that the flag keeps its value. */
function insertBefore(command: Parameters<typeof addFlag>[0], word: string) {
  const { start } = command.rangeOf(command.words.find(({ text }) => text === word)!);
  const edits = [{ range: { start, end: start }, text: '--no-log-init ' }];
  return { safety: 'safe' as const, title: 'Add --no-log-init', edits };
}
