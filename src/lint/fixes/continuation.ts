// Takes the empty lines out of an instruction that is continued over them.
import type { Edit, Fix } from '../fix.ts';
import type { LintStep } from '../lint-file.ts';
import { fixOf } from './parts.ts';

export function fixEmptyLines({ statement: { emptyLines } }: LintStep): Fix {
  const edits: Edit[] = [];
  for (const { start } of emptyLines) {
    const range = { start: { line: start.line, column: 1 }, end: { line: start.line + 1, column: 1 } };
    const last = edits.at(-1);
    // One edit for lines that follow each other.
    if (last?.range.end.line === start.line) last.range = { ...last.range, end: range.end };
    else edits.push({ range, text: '' });
  }
  return fixOf('safe', 'Take the empty lines out', ...edits);
}
