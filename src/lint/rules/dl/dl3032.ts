// DL3032: what yum fetched stays in the layer unless the same RUN deletes it.
import { addCommand } from '../../fixes/added-command.ts';
import { hasWord } from '../../shell/command.ts';
import { cleansLater, removes } from './install-tools.ts';
import { at, type LintRule, runsWith } from './walk.ts';

export const dl3032: LintRule = {
  code: 'DL3032',
  name: 'YumCacheLeft',
  family: 'hadolint',
  description: 'The RUN that calls yum install should end with yum clean all',
  severity: 'warning',
  scope: 'instruction',
  on: ['yum'],
  *check(file) {
    for (const { step, commands } of runsWith(file, ['yum'])) {
      for (const [index, command] of commands.entries()) {
        if (command.name !== 'yum' || !hasWord(command, 'install')) continue;
        const isClean = (one: (typeof commands)[number]) =>
          (one.name === 'yum' && hasWord(one, 'clean', 'all')) || removes(one, '/var/cache/yum', file.compat);
        if (cleansLater(commands, index, isClean)) continue;
        const message = 'What yum fetched stays in the layer: add && yum clean all';
        yield { ...at(step, message, command.range()), fix: () => addCommand(step, file, 'yum clean all') };
        break;
      }
    }
  },
};
