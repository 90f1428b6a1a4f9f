// The lines of a file around a place, with the place marked, as BuildKit shows them; without what URLs log in with.
import type { SourceRange } from '../errors.ts';
import { redactSource } from '../redact-source.ts';
import { harmlessName } from './progress/harmless.ts';

const around = 2;
const most = 10;
/** Characters of a line. */
const longest = 500;
const rule = '-'.repeat(20);

/** Lines between two rules; undefined where the place is not in the text. */
export function sourceExcerpt(source: string, range: SourceRange): string[] | undefined {
  const lines = source.split(/\r?\n/);
  const first = range.start.line;
  // The end is exclusive: in the first column of a line, it leaves that line out.
  const last = Math.min(
    Math.max(range.end.column <= 1 ? range.end.line - 1 : range.end.line, first),
    lines.length,
  );
  if (first < 1 || first > lines.length) return undefined;
  const from = Math.max(1, first - around);
  const to = Math.min(lines.length, last + around);
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  // An empty last line is only the end of the one before.
  if (numbers.at(-1)! > last && lines[numbers.at(-1)! - 1] === '') numbers.pop();
  const digits = Math.max(3, String(to).length);
  const print = (number: number): string => {
    const mark = number >= first && number <= last ? '>>>' : '   ';
    // A login that is cut off has no end by which it is known.
    const line = redactSource(lines[number - 1]!.replace(/^\ufeff/, '').slice(0, 4 * longest)).slice(
      0,
      longest,
    );
    const text = harmlessName(line).replace(/\t/g, '    ');
    return ` ${String(number).padStart(digits)} | ${mark} ${text}`.trimEnd();
  };
  const shown = numbers.map(print);
  if (shown.length <= most) return [rule, ...shown, rule];
  const tail = around + 1;
  const gap = `${' '.repeat(digits + 1)} | >>> … ${shown.length - most + 1} more lines`;
  return [rule, ...shown.slice(0, most - tail - 1), gap, ...shown.slice(-tail), rule];
}
