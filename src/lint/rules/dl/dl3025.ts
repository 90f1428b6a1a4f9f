// DL3025: in shell form the shell is process 1, and it passes no signals on.
import { fixCommandForm } from '../../fixes/json-form.ts';
import { at, type LintRule, lineage, stepsOf } from './walk.ts';

export const dl3025: LintRule = {
  code: 'DL3025',
  name: 'ShellFormCommand',
  family: 'hadolint',
  description: 'CMD and ENTRYPOINT should be in JSON form',
  severity: 'warning',
  scope: 'instruction',
  on: ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'],
  overlaps: ['JSONArgsRecommended'],
  *check(file) {
    for (const step of stepsOf(file, ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'])) {
      const { keyword, command, written, range } = step.instruction;
      if (command === undefined || command.form === 'exec') continue;
      if (!file.compat) {
        // Nobody sends signals to a check, and who sets a SHELL wants it.
        if (keyword === 'HEALTHCHECK') continue;
        const shells = [...lineage(step.stage)].flatMap(({ steps }) => steps);
        if (
          shells.some(
            ({ instruction: { keyword: word, range: other } }) => word === 'SHELL' && isAbove(other, range),
          )
        )
          continue;
      }
      const message = `${written} in shell form keeps signals from the program: write it as a JSON array`;
      yield { ...at(step, message), fix: () => fixCommandForm(step, file) };
    }
  },
};

function isAbove(one: { start: { line: number } }, other: { start: { line: number } }): boolean {
  return one.start.line < other.start.line;
}
