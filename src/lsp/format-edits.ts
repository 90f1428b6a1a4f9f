// Formatting as edits: of a whole text, or of some of its lines.
import type { Range, TextEdit } from 'vscode-languageserver';
import { formatCuts } from '../dockerfile/format.ts';
import type { Outline } from './outline.ts';
import { editsOfCuts } from './text-edits.ts';

/** What formatting changes; where a range is given, on its lines alone. */
export function formatEdits(outline: Outline, range?: Range): TextEdit[] {
  const edits = editsOfCuts(formatCuts(outline.text), outline.places);
  if (range === undefined) return edits;
  // A range that ends where a line begins leaves that line out.
  const last = range.end.character === 0 && range.end.line > range.start.line ? 1 : 0;
  const lines = { from: range.start.line, to: range.end.line - last };
  return edits.filter(({ range: { start } }) => start.line >= lines.from && start.line <= lines.to);
}
