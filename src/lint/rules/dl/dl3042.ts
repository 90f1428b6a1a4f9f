// DL3042: what pip keeps for its next run stays in the layer.
import { hasWord } from '../../shell/command.ts';
import { addFlag } from './added-flag.ts';
import { keepsOut } from './mounts.ts';
import { isPipInstall, pipNames, pipRuns } from './pip.ts';
import { at, isOneOf, type LintRule, lineage, type Run, unquote } from './walk.ts';

const isOff = /PIP_NO_CACHE_DIR=["']?(?:1|true|on|yes)\b/i;
const seemsOff = /PIP_NO_CACHE_DIR=(?:1|true|on|yes)/i;
const truthy = /^(?:1|true|on|yes)$/i;

export const dl3042: LintRule = {
  code: 'DL3042',
  name: 'PipCacheLeft',
  family: 'hadolint',
  description: 'pip install should have --no-cache-dir',
  severity: 'warning',
  scope: 'instruction',
  on: pipNames,
  *check(file) {
    for (const run of pipRuns(file)) {
      const { step, commands, script } = run;
      const calls = commands.filter(isPipInstall);
      if (calls.length === 0) continue;
      if (keepsOut(step.instruction, '.cache/pip') || isOffByEnv(run, file.compat)) continue;
      if ((file.compat ? seemsOff : isOff).test(script.source.text)) continue;
      for (const command of calls) {
        if (command.name.startsWith('pipx') || hasWord(command, '--no-cache-dir')) continue;
        const message = 'What pip keeps for later stays in the layer: add --no-cache-dir';
        yield {
          ...at(step, message, command.range()),
          fix: () => addFlag(command, '--no-cache-dir', ['install']),
        };
      }
    }
  },
};

/** hadolint does not look out of ONBUILD. */
function isOffByEnv({ step }: Run, compat: boolean): boolean {
  if (compat && step.isTrigger) return false;
  const { line } = step.instruction.range.start;
  return [...lineage(step.stage)].some(({ steps }) =>
    steps.some(
      (one) =>
        isOneOf(one, ['ENV']) &&
        one.instruction.range.start.line < line &&
        one.instruction.pairs.some(
          ({ key, value }) => key === 'PIP_NO_CACHE_DIR' && truthy.test(unquote(value)),
        ),
    ),
  );
}
