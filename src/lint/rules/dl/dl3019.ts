// DL3019: the index that apk fetches stays in the layer unless it is told not to keep it.
import { hasFlag, hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { keepsOut } from './mounts.ts';
import { at, commandsOf, type LintRule } from './walk.ts';

export const dl3019: LintRule = {
  code: 'DL3019',
  name: 'ApkCacheLeft',
  family: 'hadolint',
  description: 'apk add should have --no-cache',
  severity: 'info',
  scope: 'instruction',
  on: ['apk'],
  *check(file) {
    for (const { step, command } of commandsOf(file, ['apk'])) {
      if (!hasWord(command, 'add') || hasFlag(command, 'no-cache')) continue;
      if (keepsOut(step.instruction, '/var/cache/apk')) continue;
      const message =
        'The index that apk fetches stays in the layer: add --no-cache, which needs no apk update';
      yield { ...at(step, message, command.range()), fix: () => addFlag(command, '--no-cache', ['add']) };
    }
  },
};
