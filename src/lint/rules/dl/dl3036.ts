// DL3036: what zypper fetched stays in the layer unless the same RUN deletes it.
import { addCommand } from '../../fixes/added-command.ts';
import { hasWord } from '../../shell/command.ts';
import { cleansLater, removes } from './install-tools.ts';
import { keepsOut } from './mounts.ts';
import { at, type LintRule, runsWith } from './walk.ts';

export const dl3036: LintRule = {
  code: 'DL3036',
  name: 'ZypperCacheLeft',
  family: 'hadolint',
  description: 'The RUN that calls zypper install should end with zypper clean',
  severity: 'warning',
  scope: 'instruction',
  on: ['zypper'],
  *check(file) {
    for (const { step, commands } of runsWith(file, ['zypper'])) {
      if (keepsOut(step.instruction, '/var/cache/zypp')) continue;
      for (const [index, command] of commands.entries()) {
        if (command.name !== 'zypper' || !hasWord(command, 'install', 'in')) continue;
        const isClean = (one: (typeof commands)[number]) =>
          (one.name === 'zypper' && hasWord(one, 'clean', 'cc')) ||
          (!file.compat && removes(one, '/var/cache/zypp', false));
        if (cleansLater(commands, index, isClean)) continue;
        const message = 'What zypper fetched stays in the layer: add && zypper clean --all';
        yield {
          ...at(step, message, command.range()),
          fix: () => addCommand(step, file, 'zypper clean --all'),
        };
        break;
      }
    }
  },
};
