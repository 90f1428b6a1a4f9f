// Reads a file as statements: logical lines with their continuations joined, comments dropped and heredocs taken in.
import { type Place, SlipwayError, type SourceRange } from '../errors.ts';
import { readFlags } from './flags.ts';
import { chompHeredoc, findHeredocs, type HeredocMark } from './heredoc.ts';
import type { Heredoc } from './instruction.ts';
import type { Source } from './source.ts';
import { isWordGap, trimSpaceEnd, trimSpaceStart } from './space.ts';
import { parseJsonWords } from './words.ts';

export interface Statement {
  /** The logical line. */
  text: string;
  /** The keyword as written, and where the rest begins in `text`. */
  written: string;
  argumentsAt: number;
  heredocs: Heredoc[];
  /** From the keyword to the end of the last line. */
  range: SourceRange;
  comments: string[];
  /** The lines that continue nothing because they are empty. */
  emptyLines: SourceRange[];
  /** The place of a part of `text`. */
  place(from: number, to: number): Place;
  /** Takes an error behind which parsing can go on; where it is not there, such an error is thrown. */
  tolerate?: ((error: SlipwayError) => void) | undefined;
}

/**
 * Statements of a file from line `first` (an index) on.
 * @param recover takes the error of a logical line that is none, and says with which line (an index) to go on
 * @throws ERR_SYNTAX for a heredoc without its end, or an escape that continues nothing; not with `recover`.
 */
export function* readStatements(
  source: Source,
  { escapeSign, first }: { escapeSign: string; first: number },
  recover?: (error: unknown, next: number) => number,
): Generator<Statement> {
  let comments: string[] = [];
  for (let index = first; index < source.lines.length; ) {
    const line = source.lines[index]!;
    const text = trimSpaceStart(source.text.slice(line.start, line.end));
    if (text === '') index++;
    else if (text[0] === '#') {
      const comment = trimSpaceEnd(trimSpaceStart(text.slice(1)));
      if (comment === '') comments = [];
      else comments.push(comment);
      index++;
    } else {
      const joined = joinLines(source, index, escapeSign);
      const taken = comments;
      comments = [];
      let read: ReturnType<typeof finishStatement>;
      try {
        read = finishStatement(source, joined, taken);
      } catch (error) {
        if (recover === undefined) throw error;
        index = recover(error, joined.next);
        continue;
      }
      index = read.next;
      yield read.statement;
    }
  }
}

/**
 * Where the escape stands that continues a line: at its end, blanks behind it or not, unless another escape stands in
 * front of it; -1 where the line is not continued.
 */
export function continuationAt(line: string, escapeSign: string): number {
  let at = line.length - 1;
  while (at >= 0 && (line.charCodeAt(at) === 0x20 || line.charCodeAt(at) === 9)) at--;
  if (at < 0 || line[at] !== escapeSign) return -1;
  return at > 0 && line[at - 1] === escapeSign ? -1 : at;
}

interface Joined {
  text: string;
  /** Where parts of the text come from, in order. */
  parts: { at: number; offset: number }[];
  start: number;
  end: number;
  /** Index of the line behind. */
  next: number;
  emptyLines: SourceRange[];
}

/** The logical line that begins at line `first` (an index). */
function joinLines(source: Source, first: number, escapeSign: string): Joined {
  const emptyLines: SourceRange[] = [];
  const parts: Joined['parts'] = [];
  let text = '';
  let start = 0;
  let end = 0;
  for (let index = first; ; index++) {
    const line = source.lines[index];
    if (line === undefined) return { text, parts, start, end, next: index, emptyLines };
    const whole = source.text.slice(line.start, line.end);
    const bare = trimSpaceStart(whole);
    if (index > first && bare === '') emptyLines.push(source.range(line.start, line.end));
    if (index > first && (bare === '' || bare[0] === '#')) continue;
    const taken = index === first ? bare : whole;
    const offset = line.end - taken.length;
    if (index === first) start = offset;
    end = line.end;
    parts.push({ at: text.length, offset });
    const mark = continuationAt(taken, escapeSign);
    text += mark < 0 ? taken : taken.slice(0, mark);
    if (mark < 0) return { text, parts, start, end, next: index + 1, emptyLines };
  }
}

/** A logical line as a statement, with its heredocs. @throws ERR_SYNTAX */
function finishStatement(
  source: Source,
  joined: Joined,
  comments: string[],
): { statement: Statement; next: number } {
  const { text, start, emptyLines } = joined;
  const { parts } = joined;
  const offsetOf = (at: number) => {
    let index = parts.length - 1;
    while (index > 0 && parts[index]!.at > at) index--;
    const part = parts[index]!;
    return part.offset + at - part.at;
  };
  // The end of a part is the place behind its last character, not the start of the next line.
  const place = (from: number, to: number): Place => ({
    file: source.file,
    range: source.range(offsetOf(from), to > from ? offsetOf(to - 1) + 1 : offsetOf(from)),
  });
  const { written, argumentsAt } = splitKeyword(text);
  if (written === '') {
    throw new SlipwayError('ERR_SYNTAX', 'a line continuation has nothing to continue', {
      place: { file: source.file, range: source.range(start, joined.end) },
      hint: 'remove the line',
    });
  }
  const statement: Statement = {
    text,
    written,
    argumentsAt,
    heredocs: [],
    range: source.range(start, joined.end),
    comments,
    emptyLines,
    place,
  };
  const marks = holdsHeredocs(text) ? findMarks(statement) : [];
  let { next } = joined;
  for (const mark of marks) {
    const heredoc = readHeredoc(source, next, mark);
    if (heredoc === undefined) {
      throw new SlipwayError('ERR_SYNTAX', `unterminated heredoc: no line holds ${mark.name} alone`, {
        place: { file: source.file, range: source.range(start, source.lines.at(-1)!.end) },
        hint: `end the text with a line ${mark.name}`,
      });
    }
    next = heredoc.next;
    statement.heredocs.push(heredoc.heredoc);
  }
  if (marks.length > 0) statement.range = source.range(start, source.lines[next - 1]!.end);
  return { statement, next };
}

function findMarks(statement: Statement): HeredocMark[] {
  try {
    return findHeredocs(statement.text);
  } catch (error) {
    throw new SlipwayError('ERR_SYNTAX', `a heredoc's delimiter can't be read`, {
      cause: error,
      place: statement.place(0, statement.text.length),
      hint: 'close its quotes',
    });
  }
}

function readHeredoc(source: Source, first: number, mark: HeredocMark) {
  for (let index = first; index < source.lines.length; index++) {
    const line = source.lines[index]!;
    const text = source.text.slice(line.start, line.end);
    if ((mark.chomp ? text.replace(/^\t+/, '') : text) !== mark.name) continue;
    const start = source.lines[first]!.start;
    const raw = source.text.slice(start, line.start);
    const body = mark.chomp ? chompHeredoc(raw) : raw;
    const heredoc: Heredoc = { ...mark, body, range: source.range(start, line.end) };
    return { heredoc, next: index + 1 };
  }
  return undefined;
}

/** Parts the keyword from the arguments. */
export function splitKeyword(text: string): { written: string; argumentsAt: number } {
  const start = text.length - trimSpaceStart(text).length;
  const end = trimSpaceEnd(text).length;
  for (let at = start; at < end; at++) {
    if (!isWordGap(text.charCodeAt(at))) continue;
    let next = at + 1;
    while (next < end && isWordGap(text.charCodeAt(next))) next++;
    return { written: text.slice(start, at), argumentsAt: next };
  }
  return { written: text.slice(start, Math.max(start, end)), argumentsAt: text.length };
}

/** Whether `<<` means something here: in RUN, COPY and ADD that are not in JSON form, behind ONBUILD or not. */
function holdsHeredocs(text: string): boolean {
  if (!text.includes('<<')) return false;
  const { written, argumentsAt } = splitKeyword(text);
  const rest = trimSpaceEnd(text.slice(readFlags(text, argumentsAt).rest));
  const keyword = written.toUpperCase();
  if (keyword === 'ONBUILD')
    return holdsHeredocs(rest) && splitKeyword(rest).written.toUpperCase() !== keyword;
  if (keyword !== 'RUN' && keyword !== 'COPY' && keyword !== 'ADD') return false;
  try {
    return parseJsonWords(trimSpaceStart(rest)) === undefined;
  } catch {
    return false;
  }
}
