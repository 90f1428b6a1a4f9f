// A variable under the name that was probably meant.
import type { Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';
import { fixOf, rangeOf } from './parts.ts';

/** Where the message ends in `(did you mean NAME?)`. */
export function fixVariable(step: LintStep, message: string): Fix | undefined {
  const names = /'\$?(\w+)'.* \(did you mean \$?(\w+)\?\)$/.exec(message);
  if (names === null) return undefined;
  const [, wrong, right] = names as unknown as [string, string, string];
  const { text, argumentsAt } = step.statement;
  const edits = [...text.slice(argumentsAt).matchAll(/\$\{?(\w+)/g)].flatMap((found) => {
    if (found[1] !== wrong) return [];
    const to = argumentsAt + found.index + found[0].length;
    return [{ range: rangeOf(step, to - wrong.length, to), text: right }];
  });
  return edits.length === 0 ? undefined : fixOf('suggested', `Write ${right}`, ...edits);
}
