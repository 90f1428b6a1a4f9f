// A text as physical lines, and places in it. Offsets count UTF-16 code units from 0; lines and columns count from 1.
import type { SourceRange } from '../errors.ts';

export interface PhysicalLine {
  start: number;
  /** Without the line break and any carriage return in front of it. */
  end: number;
  /** Where the next line starts. */
  next: number;
}

export interface Source {
  file: string;
  text: string;
  lines: PhysicalLine[];
  /** The range between two offsets, `to` exclusive. */
  range(from: number, to: number): SourceRange;
}

const byteOrderMark = '\ufeff';

/** Lines end at `\n` alone; a byte order mark belongs to no line. */
export function createSource(text: string, file: string): Source {
  const lines: PhysicalLine[] = [];
  let start = text.startsWith(byteOrderMark) ? 1 : 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const next = found < 0 ? text.length : found + 1;
    let end = next;
    while (end > start && isBreak(text.charCodeAt(end - 1))) end--;
    lines.push({ start, end, next });
    start = next;
  }
  /** Index of the line that was found last: who asks next mostly asks of the same one. */
  let last = 0;
  function position(offset: number): SourceRange['start'] {
    const near = lines[last];
    if (near !== undefined && near.start <= offset && offset < near.next)
      return { line: last + 1, column: offset - (last === 0 ? 0 : near.start) + 1 };
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lines[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    last = low;
    const lineStart = low === 0 ? 0 : (lines[low]?.start ?? 0);
    return { line: low + 1, column: offset - lineStart + 1 };
  }
  return { file, text, lines, range: (from, to) => ({ start: position(from), end: position(to) }) };
}

function isBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}
