// Finds heredoc markers (`<<EOF`, `3<<-"END"`) in a logical line. Reading their bodies is statement.ts's part.
import { expandWords } from './expand.ts';
import type { Heredoc } from './instruction.ts';

/** A marker, without its body. */
export type HeredocMark = Omit<Heredoc, 'body' | 'range'>;

const marker = /^(\d*)<<(-?)\s*([^<]*)$/;
const unset = () => undefined;

/**
 * The marker that a word is, or undefined. Its delimiter may be quoted, wholly or in part: quotes alone make it literal, as in BuildKit.
 * @throws ERR_EXPANSION where a quote in it is not closed.
 */
export function parseHeredocMark(word: string): HeredocMark | undefined {
  const found = marker.exec(word);
  if (found === null || found[3] === '') return undefined;
  const delimiter = found[3]!;
  const options = { escape: '\\', skipUnset: true } as const;
  const names = expandWords(delimiter, unset, options);
  if (names.length !== 1) return undefined;
  const raw = expandWords(delimiter, unset, { ...options, rawQuotes: true });
  return {
    name: names[0]!,
    fd: Number(found[1]),
    expand: raw[0] === names[0],
    chomp: found[2] === '-',
  };
}

/** The markers in the logical line of a RUN, COPY or ADD, in their order; none where its quotes do not pair. */
export function findHeredocs(line: string): HeredocMark[] {
  if (!line.includes('<<')) return [];
  let words: string[];
  try {
    words = expandWords(line, unset, { escape: '\\', rawQuotes: true, rawEscapes: true, skipUnset: true });
  } catch {
    return [];
  }
  return words.map(parseHeredocMark).filter((mark) => mark !== undefined);
}

/** Drops the tabs that lead each line, as `<<-` wants it. */
export function chompHeredoc(body: string): string {
  return body.replace(/^\t+/gm, '');
}
