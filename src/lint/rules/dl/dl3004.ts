// DL3004: steps are root already; sudo brings terminals and signals that no build has.
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
      yield at(step, message, command.nameRange());
    }
  },
};
