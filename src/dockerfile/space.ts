// Blanks as Go's unicode.IsSpace sees them, which differs from JavaScript's in U+0085 and U+FEFF.

const blanks = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const one = new RegExp(`^[${blanks}]`);

/** The blanks that part words within an instruction: fewer than isSpace knows. */
export const wordGap = /[\t\v\f\r ]+/;

/** Whether the character at `index` is a blank. */
export function isSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code < 0x80) return code === 0x20 || (code >= 9 && code <= 13);
  return one.test(text.charAt(index));
}

export function trimSpaceStart(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text, start)) start++;
  return text.slice(start);
}

export function trimSpaceEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text, end - 1)) end--;
  return text.slice(0, end);
}

/** The blanks of wordGap. */
export function isWordGap(code: number): boolean {
  return code === 0x20 || code === 9 || (code >= 11 && code <= 13);
}

export function trimSpace(text: string): string {
  return trimSpaceEnd(trimSpaceStart(text));
}
