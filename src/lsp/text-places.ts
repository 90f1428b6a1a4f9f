// Places in an edited text: the parser's lines and columns, and the protocol's positions, which also end lines at a lone carriage return.
import type { Position, Range } from 'vscode-languageserver';
import type { SourceRange } from '../errors.ts';

export interface TextPlaces {
  offset(place: SourceRange['start']): number;
  toRange(range: SourceRange): Range;
  /** Of the characters from one offset to another, exclusive. */
  range(from: number, to: number): Range;
  /** The nearest offset there is: a character behind its line's end is that end. */
  offsetAt(position: Position): number;
  /** The parser's line, from 1, that holds an offset. */
  lineAt(offset: number): number;
}

/** Columns count UTF-16 code units on both sides: of the encodings that clients offer, that one is taken. */
export function createPlaces(text: string): TextPlaces {
  const starts = lineStarts(text, /\n/g);
  const clientStarts = text.includes('\r') ? lineStarts(text, /\r\n|\r|\n/g) : starts;
  const offset = ({ line, column }: SourceRange['start']): number =>
    Math.min((starts[line - 1] ?? text.length) + column - 1, text.length);
  const positionAt = (at: number): Position => {
    const line = lineOf(clientStarts, at);
    return { line, character: Math.min(at, endOf(line)) - clientStarts[line]! };
  };
  /** Of a client's line, without its break. */
  const endOf = (line: number): number => {
    const next = clientStarts[line + 1];
    if (next === undefined) return text.length;
    return text.endsWith('\r\n', next) ? next - 2 : next - 1;
  };
  const range = (from: number, to: number): Range => ({ start: positionAt(from), end: positionAt(to) });
  return {
    offset,
    range,
    toRange: ({ start, end }) => range(offset(start), offset(end)),
    offsetAt({ line, character }) {
      const start = clientStarts[line];
      return start === undefined ? text.length : Math.min(start + character, endOf(line));
    },
    lineAt: (at) => lineOf(starts, at) + 1,
  };
}

function lineStarts(text: string, ends: RegExp): number[] {
  return [0, ...[...text.matchAll(ends)].map((found) => found.index + found[0].length)];
}

function lineOf(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether two ranges share a place; touching counts. */
export function touches(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
