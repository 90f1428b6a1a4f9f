// DL3060: what yarn keeps for its next run stays in the layer.
import { addCommand } from '../../fixes/added-command.ts';
import { hasWord, type ShellCommand } from '../../shell/command.ts';
import { cleansLater } from './install-tools.ts';
import { keepsOut } from './mounts.ts';
import { basesAndLast, shippedStages } from './stage-use.ts';
import { at, type LintRule, runsWith } from './walk.ts';

const cleans = (command: ShellCommand) => command.name === 'yarn' && hasWord(command, 'clean', 'cache');

export const dl3060: LintRule = {
  code: 'DL3060',
  name: 'YarnCacheLeft',
  family: 'hadolint',
  description: 'The RUN that calls yarn install should end with yarn cache clean',
  severity: 'info',
  scope: 'instruction',
  on: ['yarn'],
  *check(file) {
    const wanted = file.compat ? basesAndLast(file) : shippedStages(file);
    for (const { step, commands } of runsWith(file, ['yarn'])) {
      if (step.stage !== undefined && !wanted.has(step.stage)) continue;
      if (keepsOut(step.instruction, '.cache/yarn')) continue;
      for (const [index, command] of commands.entries()) {
        if (command.name !== 'yarn' || !hasWord(command, 'install')) continue;
        if (cleansLater(commands, index, cleans)) continue;
        const message = 'What yarn keeps for later stays in the layer: add && yarn cache clean';
        yield {
          ...at(step, message, command.range()),
          fix: () => addCommand(step, file, 'yarn cache clean'),
        };
        break;
      }
    }
  },
};
