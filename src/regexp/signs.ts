// Which characters classes take: \d, [a-z], [[:alpha:]], \pL, with or without regard to case.
import type { SignTest } from './syntax.ts';

/** First and last code points, in pairs. */
type Ranges = readonly (readonly [number, number])[];

const rangesOf = (text: string): Ranges =>
  text.split(' ').map((pair) => [pair.codePointAt(0)!, pair.codePointAt(pair.length - 1)!]);

const digits = rangesOf('0-9');
const letters = rangesOf('A-Z a-z');
const words: Ranges = [...digits, ...letters, [0x5f, 0x5f]];
const controls: Ranges = [
  [0, 0x1f],
  [0x7f, 0x7f],
];
const perl: Readonly<Record<string, Ranges>> = {
  d: digits,
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
  w: words,
};
const posix: Readonly<Record<string, Ranges>> = {
  alnum: [...digits, ...letters],
  alpha: letters,
  ascii: [[0, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: controls,
  digit: digits,
  graph: [[0x21, 0x7e]],
  lower: rangesOf('a-z'),
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: rangesOf('A-Z'),
  word: words,
  xdigit: rangesOf('0-9 A-F a-f'),
};

const within = (ranges: Ranges, sign: number): boolean => {
  for (const [first, last] of ranges) if (sign >= first && sign <= last) return true;
  return false;
};

export const isWordSign = (sign: number): boolean => within(words, sign);
export const not =
  (takes: SignTest): SignTest =>
  (sign) =>
    !takes(sign);
export const range =
  (first: number, last: number): SignTest =>
  (sign) =>
    sign >= first && sign <= last;
export const anyOf =
  (tests: readonly SignTest[]): SignTest =>
  (sign) => {
    for (const test of tests) if (test(sign)) return true;
    return false;
  };

/** One way to write each letter that has two. */
function otherCase(sign: number): number {
  const text = String.fromCodePoint(sign);
  const lower = text.toLowerCase();
  const other = lower === text ? text.toUpperCase() : lower;
  const code = other.codePointAt(0)!;
  return other.length === (code > 0xffff ? 2 : 1) ? code : sign;
}

/** Takes a letter where the test takes one of its cases. */
export const ignoringCase =
  (takes: SignTest): SignTest =>
  (sign) =>
    takes(sign) || takes(otherCase(sign));

/** Of \d, \S and the like; undefined where there is none of that letter. */
export function perlClass(letter: string): SignTest | undefined {
  const lower = letter.toLowerCase();
  const ranges = Object.hasOwn(perl, lower) ? perl[lower]! : undefined;
  if (ranges === undefined) return undefined;
  const takes: SignTest = (sign) => within(ranges, sign);
  return letter === lower ? takes : not(takes);
}

/** Of [:alpha:] and [:^alpha:]. */
export function posixClass(name: string): SignTest | undefined {
  const bare = name.replace(/^\^/, '');
  const ranges = Object.hasOwn(posix, bare) ? posix[bare]! : undefined;
  if (ranges === undefined) return undefined;
  const takes: SignTest = (sign) => within(ranges, sign);
  return bare === name ? takes : not(takes);
}

/** Of \pL and \p{Greek}. */
export function unicodeClass(name: string): SignTest | undefined {
  if (!/^\^?[A-Za-z_]{1,40}$/.test(name)) return undefined;
  const bare = name.replace(/^\^/, '');
  if (bare === 'Any') return bare === name ? () => true : () => false;
  for (const property of [`General_Category=${bare}`, `Script=${bare}`]) {
    try {
      const expression = new RegExp(`^\\p{${property}}$`, 'u');
      const takes: SignTest = (sign) => expression.test(String.fromCodePoint(sign));
      return bare === name ? takes : not(takes);
    } catch {
      // It may be the other.
    }
  }
  return undefined;
}
