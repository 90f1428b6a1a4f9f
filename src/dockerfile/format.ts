// Lays out a Dockerfile's text without changing what it says: keywords, blanks, empty lines. Comments, continued lines' indentation and
// the bodies of heredocs stay as they are.
import { keywords } from './parse-instruction.ts';
import { parseTolerant } from './parse-tolerant.ts';
import type { PhysicalLine, Source } from './source.ts';
import { trimSpaceStart } from './space.ts';

/** Puts `text` where the characters from offset `from` to `to` (exclusive) are. */
export interface TextCut {
  from: number;
  to: number;
  text: string;
}

/** How many empty lines may stand together. */
const mostEmpty = 2;
const known: ReadonlySet<string> = new Set(keywords);

/**
 * What to change, in the order of the text: the instructions that are parsed from it stay the same, but for the case of their
 * keywords and blanks at their ends. Nothing for a text that can't be parsed.
 */
export function formatCuts(text: string): TextCut[] {
  const { source, located, errors } = parseTolerant(text, 'Dockerfile');
  if (errors.length > 0) return [];
  const cuts: TextCut[] = [];
  const add = (from: number, to: number, put: string) => {
    if (text.slice(from, to) !== put) cuts.push({ from, to, text: put });
  };
  // By line: the first one of an instruction, one that follows in it, or the body of a heredoc.
  const roles = new Map<number, 'first' | 'next' | 'body'>();
  // An image records what ONBUILD triggers as it is written, blanks at its end included.
  const recorded = new Set<number>();
  for (const { instruction, statement } of located) {
    const { start, end } = instruction.range;
    const heredocAt = statement.heredocs[0]?.range.start.line ?? end.line + 1;
    for (let line = start.line; line <= end.line; line++) {
      roles.set(line - 1, line === start.line ? 'first' : line < heredocAt ? 'next' : 'body');
      if (instruction.keyword === 'ONBUILD') recorded.add(line - 1);
    }
  }
  let empty = 0;
  for (const [index, line] of source.lines.entries()) {
    const role = roles.get(index);
    if (role === 'body') continue;
    const written = text.slice(line.start, line.end);
    if (role === undefined && trimSpaceStart(written) === '') {
      empty++;
      if (empty > mostEmpty) add(line.start, line.next, '');
      else add(line.start, line.end, '');
      continue;
    }
    empty = 0;
    if (role === undefined || (role === 'next' && trimSpaceStart(written)[0] === '#')) continue;
    const end = line.start + written.replace(/[ \t]+$/, '').length;
    if (role === 'first') formatHead(line, { text, end, add });
    if (!recorded.has(index)) add(end, line.end, '');
  }
  return withEnd(source, cuts);
}

/** The first line of an instruction: no blanks in front, the keyword in upper case, one blank behind it. */
function formatHead(
  line: PhysicalLine,
  { text, end, add }: { text: string; end: number; add: (from: number, to: number, put: string) => void },
): void {
  const written = text.slice(line.start, end);
  const start = end - trimSpaceStart(written).length;
  const [keyword] = /^[A-Za-z]+/.exec(text.slice(start, end)) ?? [''];
  if (!known.has(keyword.toUpperCase())) return;
  add(line.start, start, '');
  const behind = start + keyword.length;
  add(start, behind, keyword.toUpperCase());
  const [gap] = /^[ \t]*/.exec(text.slice(behind, end))!;
  if (gap !== '') add(behind, behind + gap.length, ' ');
}

/** The last line ends as the others do, and no empty one follows. */
function withEnd({ text, lines }: Source, cuts: readonly TextCut[]): TextCut[] {
  const last = lines.findLast(({ start, end }) => trimSpaceStart(text.slice(start, end)) !== '');
  if (last === undefined) return [...cuts];
  const kept = cuts.filter(({ from }) => from < last.next);
  if (last.next < text.length) return [...kept, { from: last.next, to: text.length, text: '' }];
  if (text.endsWith('\n')) return kept;
  // A line that is cut behind its last character grows by the line break there.
  const end = /\r\n/.test(text) ? '\r\n' : '\n';
  const final = kept.at(-1);
  if (final?.to === text.length) return [...kept.slice(0, -1), { ...final, text: final.text + end }];
  return [...kept, { from: text.length, to: text.length, text: end }];
}
