// DL3040: what dnf fetched stays in the layer unless the same RUN deletes it.
import { addCommand } from '../../fixes/added-command.ts';
import { hasWord } from '../../shell/command.ts';
import { cleansLater, removes } from './install-tools.ts';
import { keepsOut } from './mounts.ts';
import { at, type LintRule, runsWith } from './walk.ts';

const verbs = ['install', 'in', 'upgrade', 'up', 'upgrade-minimal', 'up-min', 'reinstall', 'rei'];

export const dl3040: LintRule = {
  code: 'DL3040',
  name: 'DnfCacheLeft',
  family: 'hadolint',
  description: 'The RUN that calls dnf install should end with dnf clean all',
  severity: 'warning',
  scope: 'instruction',
  on: ['dnf', 'microdnf'],
  *check(file) {
    for (const { step, commands } of runsWith(file, ['dnf', 'microdnf'])) {
      if (keepsOut(step.instruction, '/var/cache/libdnf5', '.cache/libdnf5')) continue;
      if (!file.compat && keepsOut(step.instruction, '/var/cache/dnf')) continue;
      for (const [index, command] of commands.entries()) {
        const { name } = command;
        if ((name !== 'dnf' && name !== 'microdnf') || !hasWord(command, ...verbs)) continue;
        const isClean = (one: (typeof commands)[number]) =>
          (one.name === name && hasWord(one, 'clean', 'all')) ||
          removes(one, '/var/cache/libdnf5', file.compat) ||
          (!file.compat && removes(one, '/var/cache/dnf', false));
        if (cleansLater(commands, index, isClean)) continue;
        const message = `What ${name} fetched stays in the layer: add && ${name} clean all`;
        yield {
          ...at(step, message, command.range()),
          fix: () => addCommand(step, file, `${name} clean all`),
        };
        break;
      }
    }
  },
};
