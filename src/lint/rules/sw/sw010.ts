// SW010: an ARG that is another one on every build is part of every step below it.
import type { Fix } from '../../fix.ts';
import { fixOf, wholeLines } from '../../fixes/parts.ts';
import type { LintFile, LintStep } from '../../lint-file.ts';
import { at, isOneOf, type LintRule, placeOf } from '../dl/walk.ts';
import { changing, uses } from './changing.ts';
import { isExpensive } from './installs.ts';
import { slowRuns } from './slow.ts';

export const sw010: LintRule = {
  code: 'SW010',
  name: 'ChangingArgAbove',
  family: 'slipway',
  description: 'An ARG that changes with each build should stand below the steps that take long',
  severity: 'info',
  scope: 'instruction',
  on: ['ARG'],
  *check(file) {
    const told = file.settings.severities?.['SW013'] !== 'off';
    for (const { steps } of file.stages) {
      for (const [index, step] of steps.entries()) {
        if (!isOneOf(step, ['ARG'])) continue;
        const name = step.instruction.args.map((arg) => arg.name).find((one) => changing.test(one));
        if (name === undefined) continue;
        const below = steps.slice(index + 1);
        const run = below.find((one) => one.script()?.code.commands.some(isExpensive));
        if (run === undefined || below.slice(0, below.indexOf(run) + 1).some((one) => uses(one, name)))
          continue;
        // SW013 says the same, and how long it took.
        if (told && slowRuns(file, [run]).length > 0) continue;
        const { line } = run.instruction.range.start;
        const message = `${name} is another one on each build, and the RUN in line ${line}, which does not use it, runs again: declare it below`;
        yield {
          ...at(step, message, placeOf(step, name)),
          fix: () => moveBelow(step, { name, below, run, file }),
        };
      }
    }
  },
};

/** To the first instruction that uses it; where none does, behind the RUN. */
function moveBelow(
  step: LintStep,
  { name, below, run, file }: { name: string; below: readonly LintStep[]; run: LintStep; file: LintFile },
): Fix | undefined {
  const { range, keyword } = step.instruction;
  if (keyword !== 'ARG' || range.start.line !== range.end.line || step.instruction.comments.length > 0)
    return undefined;
  const user = below.findIndex((one) => uses(one, name));
  const before = user < 0 ? run : below[user - 1]!;
  const line = before.instruction.range.end.line + 1;
  if (line > file.lines().length) return undefined;
  const written = (file.lines()[range.start.line - 1] ?? '').trim();
  const eol = file.dockerfile.text.includes('\r\n') ? '\r\n' : '\n';
  const place = { line, column: 1 };
  return fixOf(
    'suggested',
    'Declare it below',
    { range: wholeLines(step), text: '' },
    { range: { start: place, end: place }, text: `${written}${eol}` },
  );
}
