// A place in the text of a bake file: what stands there, blanks and comments, and errors that say where.
import { type ErrorDetails, type Place, SlipwayError, type SourceRange } from '../../errors.ts';

/** Nesting deeper than this, and longer chains, are refused, so that no file can exhaust the stack. */
const deepest = 200;
const longestChain = 1000;

export interface Scanner {
  readonly file: string;
  readonly text: string;
  /** Offset of the next character. */
  at: number;
  /** Text from here on is not looked at. */
  end: number;
  /** Line ends are blanks: inside of brackets. */
  multiline: boolean;
  /** The next character, '' at the end. */
  peek(ahead?: number): string;
  startsWith(word: string): boolean;
  /** Takes `word` if it stands here. */
  take(word: string): boolean;
  skipSpace(): void;
  /** Skips lines that hold blanks and comments alone, too. */
  skipLines(): void;
  /** An identifier, or undefined where none stands here. */
  identifier(): string | undefined;
  range(start: number, end?: number): SourceRange;
  place(start: number, end?: number): Place;
  /** An error at `start`, or where the scanner is. */
  error(message: string, details?: ErrorDetails & { start?: number }): SlipwayError;
  /** Runs `inner` one level deeper, with line ends treated as told. @throws ERR_SYNTAX where it is too deep */
  nested<T>(multiline: boolean, inner: () => T): T;
  /** Counts a link of a chain of operators. @throws ERR_SYNTAX where it is too long */
  link(count: number): void;
}

/** @param fixed the range of everything in a text that was decoded: a JSON string. */
export function createScanner(text: string, file: string, fixed?: SourceRange): Scanner {
  let starts: number[] | undefined;
  let depth = 0;

  function position(offset: number): { line: number; column: number } {
    if (!starts) {
      starts = [0];
      for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
    }
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  function skipComment(): boolean {
    if (scanner.startsWith('#') || scanner.startsWith('//')) {
      const newline = text.indexOf('\n', scanner.at);
      scanner.at = newline < 0 || newline > scanner.end ? scanner.end : newline;
      return true;
    }
    if (!scanner.startsWith('/*')) return false;
    const close = text.indexOf('*/', scanner.at + 2);
    if (close < 0 || close >= scanner.end)
      throw scanner.error('the comment is not closed', { hint: 'end it with */' });
    scanner.at = close + 2;
    return true;
  }

  function skip(newlines: boolean): void {
    for (;;) {
      const next = scanner.peek();
      if (next === ' ' || next === '\t' || next === '\r' || (next === '\n' && newlines)) scanner.at++;
      else if (!skipComment()) return;
    }
  }

  const scanner: Scanner = {
    file,
    text,
    at: text.startsWith('\ufeff') ? 1 : 0,
    end: text.length,
    multiline: false,
    peek: (ahead = 0) => (scanner.at + ahead < scanner.end ? text[scanner.at + ahead]! : ''),
    startsWith: (word) => scanner.at + word.length <= scanner.end && text.startsWith(word, scanner.at),
    take(word) {
      if (!scanner.startsWith(word)) return false;
      scanner.at += word.length;
      return true;
    },
    skipSpace: () => skip(scanner.multiline),
    skipLines: () => skip(true),
    identifier() {
      const form = /[\p{L}_][\p{L}\p{N}_-]*/uy;
      form.lastIndex = scanner.at;
      const found = form.exec(text)?.[0];
      if (found === undefined || scanner.at + found.length > scanner.end) return undefined;
      scanner.at += found.length;
      return found;
    },
    range: (start, end = scanner.at) =>
      fixed ?? { start: position(start), end: position(Math.max(start + 1, end)) },
    place: (start, end) => ({ file, range: scanner.range(start, end) }),
    error(message, { start = scanner.at, ...details } = {}) {
      return new SlipwayError('ERR_SYNTAX', message, { ...details, place: scanner.place(start, start + 1) });
    },
    nested(multiline, inner) {
      if (++depth > deepest) throw scanner.error(`nested more than ${deepest} deep`);
      const before = scanner.multiline;
      scanner.multiline = multiline;
      try {
        return inner();
      } finally {
        scanner.multiline = before;
        depth--;
      }
    },
    link(count) {
      if (count > longestChain) throw scanner.error(`more than ${longestChain} operators in a row`);
    },
  };
  return scanner;
}
