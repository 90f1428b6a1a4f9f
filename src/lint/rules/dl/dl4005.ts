// DL4005: SHELL says which shell runs steps; a changed /bin/sh is for everything in the image.
import { hasWord } from '../../shell/command.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl4005: LintRule = {
  code: 'DL4005',
  name: 'ShellForLink',
  family: 'hadolint',
  description: 'SHELL should choose the shell, not a link at /bin/sh',
  severity: 'warning',
  scope: 'instruction',
  on: ['ln'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['ln'])) {
      if (!hasWord(command, '/bin/sh')) continue;
      yield at(step, 'Another /bin/sh is what every script of the image gets: use SHELL', command.range());
    }
  },
};
