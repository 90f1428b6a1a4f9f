// Instructions of which only the last of a stage counts.

import type { Keyword } from '../../../dockerfile/instruction.ts';
import { fixReplaced } from '../../fixes/removed.ts';
import type { LintFile } from '../../lint-file.ts';
import type { Report } from '../../rule.ts';
import { at, stepsOf } from './walk.ts';

/** Each but the first of its stage; hadolint counts those in front of the first FROM together, too. */
export function* repeated(file: LintFile, keyword: Keyword): Generator<Report> {
  const seen = new Map<unknown, number>();
  for (const step of stepsOf(file, [keyword])) {
    const first = seen.get(step.stage);
    if (first === undefined) seen.set(step.stage, step.instruction.range.start.line);
    else {
      const message = `Only the last ${keyword} of a stage counts: the one in line ${first} has no effect`;
      yield { ...at(step, message), fix: () => fixReplaced(step, file) };
    }
  }
}
