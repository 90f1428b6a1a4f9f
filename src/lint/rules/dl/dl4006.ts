// DL4006: without pipefail a pipe succeeds whenever its last command does.
import { basename } from 'node:path/posix';
import { baseConfig } from '../../fixes/base-config.ts';
import type { LintFile, LintStep } from '../../lint-file.ts';
import { flagsIn } from '../../shell/command.ts';
import type { ShellScript } from '../../shell/shell-script.ts';
import { at, isOneOf, type LintRule, lineage } from './walk.ts';

export const dl4006: LintRule = {
  code: 'DL4006',
  name: 'PipeWithoutPipefail',
  family: 'hadolint',
  description: 'A RUN with a pipe should fail where any of its commands fails',
  severity: 'warning',
  scope: 'instruction',
  on: ['RUN'],
  *check(file) {
    const shells = new Map<unknown, readonly string[]>();
    for (const step of file.steps) {
      if (isOneOf(step, ['SHELL'])) shells.set(step.stage, step.instruction.argv);
      const script = isOneOf(step, ['RUN']) ? step.script() : undefined;
      const [pipe] = script?.pipelines ?? [];
      if (script === undefined || pipe === undefined) continue;
      const shell = shellOf(file, step, shells);
      if (isSafe(shell) || (!file.compat && (setsPipefail(script) || script.source.form === 'exec')))
        continue;
      const message =
        'If a command in front of the pipe fails, the RUN goes on: put SHELL ["/bin/bash", "-o", "pipefail", "-c"] above';
      yield at(step, message, script.source.locate(pipe.pos, pipe.end));
    }
  },
};

/** hadolint forgets it at each FROM. */
function shellOf(
  file: LintFile,
  step: LintStep,
  shells: ReadonlyMap<unknown, readonly string[]>,
): readonly string[] {
  if (file.compat) return shells.get(step.stage) ?? [];
  for (const stage of lineage(step.stage)) {
    const found = shells.get(stage);
    if (found !== undefined) return found;
  }
  return baseConfig(file, step.stage)?.Shell ?? [];
}

/** A shell with pipefail, or one that knows no pipes of this kind. */
function isSafe(argv: readonly string[]): boolean {
  const words = argv.join(' ').split(/\s+/);
  const program = basename(words[0] ?? '');
  if (/^(?:pwsh|powershell|cmd)/i.test(words[0] ?? '') || /^(?:pwsh|powershell|cmd)/i.test(program))
    return true;
  if (!['bash', 'zsh', 'ash'].includes(program)) return false;
  return words.includes('pipefail') && words.some((word) => flagsIn(word).includes('o'));
}

/** The script turns it on itself, or the shell that its first line names does. */
function setsPipefail({ code, source }: ShellScript): boolean {
  const isSet =
    code.names.has('set') &&
    code.commands.some(
      ({ name, words }) =>
        name === 'set' &&
        words.some(({ flags, text }, index) => {
          return text.startsWith('-') && flags.includes('o') && words[index + 1]?.text === 'pipefail';
        }),
    );
  return isSet || /\bpipefail\b/.test(source.shebang ?? '');
}
