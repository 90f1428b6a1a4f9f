// SW013: a step that took long in an earlier build stands below what changes often, and does not need it.
import type { LintFile, LintStep } from '../../lint-file.ts';
import type { Report } from '../../rule.ts';
import { at, isOneOf, type LintRule, placeOf } from '../dl/walk.ts';
import { changing, uses } from './changing.ts';
import { slowBelowCopies, slowRuns } from './slow.ts';

export const sw013: LintRule = {
  code: 'SW013',
  name: 'SlowStepBelowChange',
  family: 'slipway',
  description: 'A step that took long should not stand below a change that it does not need',
  severity: 'info',
  scope: 'instruction',
  on: ['RUN'],
  *check(file) {
    if (file.settings.history === undefined) return;
    for (const { copy, run, seconds, install, files } of slowBelowCopies(file)) {
      const { line } = run.instruction.range.start;
      const what = install ? `${install.call} in line ${line}` : `The RUN in line ${line}`;
      const which = files === undefined ? 'what is copied here' : many(files);
      const cure = install
        ? `copy ${install.manifests.join(' and ')} above it and the rest below`
        : 'it reads nothing of that: move it above';
      yield at(copy, `${what} took ${time(seconds)}, and runs again for each change of ${which}: ${cure}`);
    }
    yield* belowVariables(file);
  },
};

function* belowVariables(file: LintFile): Generator<Report> {
  for (const { steps } of file.stages) {
    const above = steps.filter((step) => namesOf(step).some((name) => changing.test(name)));
    if (above.length === 0) continue;
    for (const { run, seconds } of slowRuns(file, steps)) {
      const before = steps.slice(0, steps.indexOf(run) + 1);
      for (const step of above.filter((one) => before.includes(one))) {
        const name = namesOf(step).find((one) => changing.test(one))!;
        if (before.slice(before.indexOf(step) + 1).some((one) => uses(one, name))) continue;
        const { line } = run.instruction.range.start;
        const message = `The RUN in line ${line} took ${time(seconds)}, does not use ${name}, and runs again for each new value of it: set ${name} below it`;
        yield at(step, message, placeOf(step, name));
      }
    }
  }
}

function namesOf(step: LintStep): string[] {
  if (isOneOf(step, ['ARG'])) return step.instruction.args.map(({ name }) => name);
  return isOneOf(step, ['ENV']) ? step.instruction.pairs.map(({ key }) => key) : [];
}

const many = (files: number): string =>
  files === 1 ? 'the file that is copied here' : `one of the ${files} files that are copied here`;

function time(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
