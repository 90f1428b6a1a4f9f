// DL3001: programs that look after a machine have nothing to do in a step.
import { at, commandsOf, type LintRule } from './walk.ts';

const pointless = ['free', 'kill', 'mount', 'ps', 'service', 'shutdown', 'ssh', 'top', 'vim'];

export const dl3001: LintRule = {
  code: 'DL3001',
  name: 'PointlessCommand',
  family: 'hadolint',
  description: 'RUN should not call programs that make sense on a running machine alone',
  severity: 'info',
  scope: 'instruction',
  on: pointless,
  *check(file) {
    for (const { step, command } of commandsOf(file, pointless)) {
      const message = `${command.name} looks after a running machine: while an image is built there is none`;
      yield at(step, message, command.nameRange());
    }
  },
};
