// DL3004: steps are root already; sudo brings terminals and signals that no build has.
import { fixOf } from '../../fixes/parts.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3004: LintRule = {
  code: 'DL3004',
  name: 'NoSudo',
  family: 'hadolint',
  description: 'RUN should not call sudo',
  severity: 'error',
  scope: 'instruction',
  on: ['sudo'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['sudo'])) {
      const message = 'sudo behaves unlike a shell does, and steps can be root without it: use USER, or gosu';
      const name = command.nameRange();
      const [next] = command.words;
      const isBare =
        command.isEditable && next !== undefined && next.flags.length === 0 && !next.text.includes('=');
      const range = { start: name.start, end: isBare ? command.rangeOf(next).start : name.end };
      const fix =
        isBare && range.start.line === range.end.line
          ? fixOf('suggested', 'Call it without sudo', { range, text: '' })
          : undefined;
      yield { ...at(step, message, name), fix };
    }
  },
};
