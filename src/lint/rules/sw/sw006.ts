// SW006: a heredoc's script goes on behind a command that fails, and its last command decides.
import { fixOf } from '../../fixes/parts.ts';
import type { LintStep } from '../../lint-file.ts';
import { flagsIn } from '../../shell/command.ts';
import type { ShellScript } from '../../shell/shell-script.ts';
import { at, isOneOf, type LintRule, lineage, runsOf } from '../dl/walk.ts';

export const sw006: LintRule = {
  code: 'SW006',
  name: 'HeredocGoesOn',
  family: 'slipway',
  description: 'A heredoc of several commands should begin with set -e',
  severity: 'warning',
  scope: 'instruction',
  on: ['RUN'],
  *check(file) {
    for (const { step, script } of runsOf(file, { onbuild: false })) {
      const { source, root } = script;
      if (source.form !== 'heredoc' || root.commands.length < 2 || stopsAtErrors(script)) continue;
      if (flagsIn(firstFlag(source.shebang)).includes('e') || shellStops(step)) continue;
      const [heredoc] = step.instruction.heredocs;
      const first = root.commands[0]!;
      const range = source.locate(first.pos, first.end);
      const message = 'If a command of this script fails, the next one runs: begin it with set -e';
      const line = heredoc!.range.start.line + (source.text.startsWith('#!') ? 1 : 0);
      const eol = file.dockerfile.text.includes('\r\n') ? '\r\n' : '\n';
      const place = { line, column: 1 };
      const edit = { range: { start: place, end: place }, text: `set -e${eol}` };
      yield { ...at(step, message, range), fix: fixOf('suggested', 'Begin with set -e', edit) };
    }
  },
};

function firstFlag(shebang: string | undefined): string {
  return /\s(-[A-Za-z]*e[A-Za-z]*)(?:\s|$)/.exec(shebang ?? '')?.[1] ?? '';
}

function stopsAtErrors({ commands }: ShellScript): boolean {
  return commands.some(
    ({ name, words }) =>
      name === 'set' &&
      words.some(({ text, flags }) => text === 'errexit' || (/^-[A-Za-z]/.test(text) && flags.includes('e'))),
  );
}

function shellStops(step: LintStep): boolean {
  const shells = [...lineage(step.stage)].flatMap(({ steps }) =>
    steps.filter((one) => isOneOf(one, ['SHELL'])),
  );
  return shells.some(
    ({ instruction }) =>
      instruction.keyword === 'SHELL' &&
      instruction.argv
        .slice(1)
        .some((word) => word === 'errexit' || (/^-[A-Za-z]/.test(word) && flagsIn(word).includes('e'))),
  );
}
