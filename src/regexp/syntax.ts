// What a regular expression is made of, and the error for one that is none.
import { SlipwayError } from '../errors.ts';

/** Whether a code point is taken. */
export type SignTest = (sign: number) => boolean;

export type Assertion = 'begin' | 'end' | 'line begin' | 'line end' | 'word edge' | 'no word edge';

export type Node =
  | { kind: 'sign'; takes: SignTest }
  | { kind: 'sequence'; parts: Node[] }
  | { kind: 'either'; parts: Node[] }
  /** @property most undefined: without end. */
  | { kind: 'repeat'; part: Node; least: number; most: number | undefined; greedy: boolean }
  | { kind: 'group'; part: Node; index: number }
  | { kind: 'assertion'; what: Assertion };

/** What holds from a place in the expression on. */
export interface Modes {
  ignoreCase: boolean;
  /** `^` and `$` are the ends of lines. */
  lines: boolean;
  /** `.` takes line breaks, too. */
  dotAll: boolean;
  /** `*` takes as little as it can, and `*?` as much. */
  lazy: boolean;
}

export function noExpression(source: string, why: string): SlipwayError {
  const shown = JSON.stringify(source.length > 200 ? `${source.slice(0, 200)}…` : source);
  return new SlipwayError('ERR_EXPANSION', `${shown} is no regular expression: ${why}`, {
    hint: 'expressions are those of Go (RE2): they have no \\1, (?=…) or (?!…)',
  });
}
