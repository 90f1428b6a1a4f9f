// The shell code of a RUN as one text, and where each part of it stands in the Dockerfile.
import { readFlags } from '../../dockerfile/flags.ts';
import type { Heredoc, RunInstruction } from '../../dockerfile/instruction.ts';
import type { Source } from '../../dockerfile/source.ts';
import { isSpace, trimSpace } from '../../dockerfile/space.ts';
import type { Statement } from '../../dockerfile/statement.ts';
import type { SourceRange } from '../../errors.ts';

/** Range of the characters `from` up to `to` of a text, which lie somewhere in a file. */
export type Locate = (from: number, to: number) => SourceRange;

export interface ScriptSource {
  text: string;
  locate: Locate;
  /** What a heredoc without a command is run with: its first line behind `#!`. */
  shebang: string | undefined;
  /** `heredoc`: the text is the body of one; `exec`: it was made of a JSON array. */
  form: 'line' | 'heredoc' | 'exec';
}

interface Position {
  line: number;
  column: number;
}

/** A piece of the text: from `at` on, offsets into it are looked up with `position`. */
interface Piece {
  at: number;
  position(offset: number): Position;
}

const leading = /^\d*<<-?\s*\S+\s*/;
const interpreter = /^(?:\/usr\/bin\/env\s+|(?:\/\S+)?\/)?(?:ba|da|a|k|z)?sh(?:\s+-\S+)*$/;

/** @param anyHeredoc a heredoc at the start is a script whatever stands behind its marker, as hadolint takes it. */
export function readScriptSource(
  instruction: RunInstruction,
  statement: Statement,
  { source, anyHeredoc }: { source: Source; anyHeredoc: boolean },
): ScriptSource {
  const { command, heredocs } = instruction;
  if (command.form === 'exec') {
    const text = command.argv.join(' ');
    return { text, locate: () => instruction.range, shebang: undefined, form: 'exec' };
  }
  let start = readFlags(statement.text, statement.argumentsAt).rest;
  while (start < statement.text.length && isSpace(statement.text, start)) start++;
  const line = trimSpace(statement.text.slice(start));
  const [first] = heredocs;
  const mark = first && leading.exec(line);
  if (first !== undefined && mark != null) {
    const rest = line.slice(mark[0].length);
    if (anyHeredoc || rest === '' || interpreter.test(rest)) {
      const shebang = rest === '' ? /^#!([^\r\n]*)/.exec(first.body)?.[1]?.trim() : rest;
      const pieces = [bodyPiece(source, first)];
      return { text: first.body, locate: locateIn(pieces), shebang, form: 'heredoc' };
    }
  }
  if (heredocs.length === 0) {
    const locate: Locate = (from, to) => statement.place(start + from, start + to).range;
    return { text: line, locate, shebang: undefined, form: 'line' };
  }
  const pieces: Piece[] = [
    { at: 0, position: (offset) => statement.place(start + offset, start + offset).range.start },
  ];
  let text = line;
  for (const heredoc of heredocs) {
    const raw = rawBody(source, heredoc);
    text += '\n';
    pieces.push({ ...bodyPiece(source, { ...heredoc, body: raw, chomp: false }), at: text.length });
    text += raw;
  }
  return { text, locate: locateIn(pieces), shebang: undefined, form: 'line' };
}

/** The body as it stands in the file, with the line that ends it. */
function rawBody(source: Source, { range }: Heredoc): string {
  return source.text.slice(source.lines[range.start.line - 1]!.start, source.lines[range.end.line - 1]!.end);
}

function bodyPiece(source: Source, { body, range, chomp }: Heredoc): Piece {
  const starts = [0];
  for (let at = body.indexOf('\n'); at >= 0; at = body.indexOf('\n', at + 1)) starts.push(at + 1);
  return {
    at: 0,
    position(offset) {
      const index = Math.max(
        starts.findLastIndex((start) => start <= offset),
        0,
      );
      const line = range.start.line + index;
      const { start } = source.lines[line - 1] ?? { start: 0 };
      let tabs = 0;
      while (chomp && source.text[start + tabs] === '\t') tabs++;
      return { line, column: offset - starts[index]! + tabs + 1 };
    },
  };
}

function locateIn(pieces: readonly Piece[]): Locate {
  const position = (offset: number) => {
    const piece = pieces.findLast(({ at }) => at <= offset)!;
    return piece.position(offset - piece.at);
  };
  return (from, to) => {
    const start = position(from);
    if (to <= from) return { start, end: start };
    // The end is behind the last character, not where the next line begins.
    const last = position(to - 1);
    return { start, end: { line: last.line, column: last.column + 1 } };
  };
}
