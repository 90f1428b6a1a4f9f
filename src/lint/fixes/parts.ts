// Parts of an instruction that fixes edit, and the making of edits there.
import { type Flag, readFlags } from '../../dockerfile/flags.ts';
import { isSpace, trimSpaceEnd } from '../../dockerfile/space.ts';
import type { SourceRange } from '../../errors.ts';
import type { Edit, Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';

export function fixOf(safety: Fix['safety'], title: string, ...edits: readonly Edit[]): Fix {
  return { safety, title, edits };
}

/** Where offsets of the logical line stand in the file. */
export function rangeOf({ statement }: LintStep, from: number, to: number): SourceRange {
  return statement.place(from, to).range;
}

/** Of the keyword; behind ONBUILD that of the trigger. */
export function keywordRange({ statement }: LintStep): SourceRange {
  const at = statement.text.indexOf(statement.written);
  return statement.place(at, at + statement.written.length).range;
}

/** Flags, and the offsets at which the rest of the logical line begins and ends. */
export function argumentsOf({ statement: { text, argumentsAt } }: LintStep): {
  flags: readonly Flag[];
  from: number;
  to: number;
} {
  const { flags, rest } = readFlags(text, argumentsAt);
  return { flags, from: rest, to: trimSpaceEnd(text).length };
}

/** Whether a range is within one line: nothing can stand in it that the logical line does not show. */
export function isOneLine({ start, end }: SourceRange): boolean {
  return start.line === end.line;
}

/** Takes a flag away, with the blanks behind it that stand on its line. */
export function removeFlag(step: LintStep, name: string): Edit | undefined {
  const flag = argumentsOf(step).flags.find(({ text }) => text.startsWith(`--${name}=`));
  if (flag === undefined) return undefined;
  const { text } = step.statement;
  const range = rangeOf(step, flag.from, flag.to);
  if (!isOneLine(range)) return undefined;
  let { end } = range;
  for (let at = flag.to; at < text.length && isSpace(text, at); at++) {
    const next = rangeOf(step, at, at + 1);
    if (next.start.line !== end.line) break;
    end = next.end;
  }
  return { range: { start: range.start, end }, text: '' };
}

/** The lines of an instruction, the break behind them included. */
export function wholeLines({ instruction: { range } }: LintStep): SourceRange {
  return { start: { line: range.start.line, column: 1 }, end: { line: range.end.line + 1, column: 1 } };
}
