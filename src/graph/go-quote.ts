// Text quoted as Go's %q does it, for the history of images: BuildKit is written in Go.

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};
/** What unicode.IsPrint of Go calls printable. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

function escaped(char: string, quote: string): string {
  if (char === quote) return `\\${char}`;
  const known = escapes[char];
  if (known !== undefined) return known;
  // All of Unicode takes long to compile, and is rarely needed.
  if ((char >= ' ' && char <= '~') || printable.test(char)) return char;
  const code = char.codePointAt(0)!;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

/** A text in double quotes. */
export function goQuote(text: string): string {
  return `"${Array.from(text, (char) => escaped(char, '"')).join('')}"`;
}

/** A number as the character that has it, in single quotes: 3 is `'\x03'`. */
export function goQuoteRune(code: number): string {
  const isCharacter = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  return `'${escaped(isCharacter ? String.fromCodePoint(code) : '\ufffd', "'")}'`;
}
