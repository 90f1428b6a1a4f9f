// Adds a command to the end of a RUN, in its layout.
import type { Fix } from '../fix.ts';
import type { LintFile, LintStep } from '../lint-file.ts';
import { fixOf, isOneLine, rangeOf } from './parts.ts';

/** Suggested: the image gets smaller, and lacks what it had. Undefined where the script is more than a list of `&&`. */
export function addCommand(step: LintStep, file: LintFile, command: string): Fix | undefined {
  const script = step.script();
  if (script === undefined || script.source.form !== 'line' || script.source.text.includes('\n'))
    return undefined;
  if (/\|\||[;&]\s*$|#|<</.test(script.source.text) || script.root.commands.length !== 1) return undefined;
  const { text } = step.statement;
  const end = text.trimEnd().length;
  const last = rangeOf(step, end - 1, end);
  const edit = { start: last.end, end: last.end };
  const isLong = !isOneLine({ start: step.instruction.range.start, end: last.end });
  return fixOf('suggested', `Add ${command}`, { range: edit, text: joint(file, isLong) + command });
}

/** ` && `, on a line of its own in a RUN that has several. */
function joint({ dockerfile: { text, escape: sign } }: LintFile, isLong: boolean): string {
  return isLong ? ` ${sign}${text.includes('\r\n') ? '\r\n' : '\n'}    && ` : ' && ';
}
