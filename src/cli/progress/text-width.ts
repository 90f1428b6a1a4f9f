// How many columns of a terminal a text takes, and cutting it to fit.

const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const emoji = /^\p{Emoji_Presentation}$/u;

/** First and last code points of the ranges that Unicode's East Asian Width calls wide or full-width. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (zero.test(character)) return 0;
  return wide.some(([first, last]) => code >= first && code <= last) || emoji.test(character) ? 2 : 1;
}

/** Columns of a text without control characters. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text, or its beginning and `…`, in at most `columns` columns. Tabs become blanks. */
export function truncate(text: string, columns: number): string {
  // More than a screen's worth is never looked at: a line may be very long.
  const start = text.length > 4 * columns + 64 ? text.slice(0, 4 * columns + 64) : text;
  const line = start.replace(/\t/g, '    ');
  if (start === text && textWidth(line) <= columns) return line;
  let width = 0;
  let result = '';
  for (const character of line) {
    const next = characterWidth(character);
    if (width + next > columns - 1) break;
    width += next;
    result += character;
  }
  return columns > 0 ? `${result}…` : '';
}

/** Fills up with blanks to `columns`. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}
