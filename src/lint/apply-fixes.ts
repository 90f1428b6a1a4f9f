// Applies fixes to a text. All else of the text stays as it is, byte for byte.
import type { SourceRange } from '../errors.ts';
import type { Fix } from './fix.ts';

/**
 * The text with the fixes applied. A fix that would change what another one has changed is left for the next time, whole.
 * @param fixes of findings in this very text.
 */
export function applyFixes(text: string, fixes: readonly Fix[]): { text: string; applied: Fix[] } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const offset = ({ line, column }: SourceRange['start']) => (starts[line - 1] ?? text.length) + column - 1;
  const taken: Cut[] = [];
  const applied: Fix[] = [];
  for (const fix of fixes) {
    const edits = fix.edits.map(({ range, text: put }) => {
      return { from: offset(range.start), to: offset(range.end), text: put };
    });
    // Two findings may be mended by the same.
    if (!edits.every((edit) => taken.some((other) => isSame(edit, other)))) {
      if (edits.some((edit) => taken.some((other) => clash(edit, other)))) continue;
      taken.push(...edits);
    }
    applied.push(fix);
  }
  let result = '';
  let at = 0;
  // The sort is stable: what is put at one place stays in the order of the fixes.
  for (const edit of taken.sort((a, b) => a.from - b.from || a.to - b.to)) {
    result += text.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  return { text: result + text.slice(at), applied };
}

interface Cut {
  from: number;
  to: number;
  text: string;
}

function isSame(one: Cut, other: Cut): boolean {
  return one.from === other.from && one.to === other.to && one.text === other.text;
}

/** Two insertions at one place do not, nor one at the edge of what is replaced. */
function clash(one: Cut, other: Cut): boolean {
  return one.from < other.to && other.from < one.to;
}
