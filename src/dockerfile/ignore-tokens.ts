// What a pattern of an ignore file is made of: literal signs, classes, and stars of three kinds.
import { SlipwayError } from '../errors.ts';

/** One piece of a pattern: a sign, a class, or something that stands for any number of signs. */
export type Token =
  | { kind: 'literal'; sign: string }
  | { kind: 'class'; source: string }
  | { kind: 'one' }
  | { kind: 'star' }
  /** Any text (`**` at the end), and whole folders or nothing (`**` elsewhere). */
  | { kind: 'any' }
  | { kind: 'folders' };

export const isStar = ({ kind }: Token): boolean => kind === 'star' || kind === 'any' || kind === 'folders';

/** @throws ERR_SYNTAX for a class that is not closed or empty, a range that runs backwards, and a backslash at the end. */
export function readTokens(pattern: string, text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const sign = String.fromCodePoint(pattern.codePointAt(at)!);
    at += sign.length;
    if (sign === '*' && pattern[at] === '*') {
      at++;
      if (pattern[at] === '/') at++;
      // Several in a row are as good as one, and one is matched faster.
      while (pattern.startsWith('**/', at)) at += 3;
      tokens.push({ kind: at < pattern.length ? 'folders' : 'any' });
    } else if (sign === '*') tokens.push({ kind: 'star' });
    else if (sign === '?') tokens.push({ kind: 'one' });
    else if (sign === '[') {
      const found = readClass(pattern, at, text);
      tokens.push({ kind: 'class', source: found.source });
      at = found.next;
    } else if (sign === '\\') {
      if (at >= pattern.length) throw refuse(text, 'it ends in a backslash');
      const escaped = String.fromCodePoint(pattern.codePointAt(at)!);
      at += escaped.length;
      tokens.push({ kind: 'literal', sign: escaped });
    } else tokens.push({ kind: 'literal', sign });
  }
  return merge(tokens);
}

/** Stars in a row become two at most, which mean the same: so no pattern has many more pieces than a path that it matches has signs. */
function merge(tokens: readonly Token[]): Token[] {
  const merged: Token[] = [];
  for (const token of tokens) {
    const last = merged.at(-1);
    if (last === undefined || !isStar(token) || !isStar(last)) merged.push(token);
    else if (last.kind === 'star' && token.kind === 'folders') merged.push(token);
    else if (last.kind !== token.kind) {
      // Folders and then anything but a slash are any text. So is what stands beside any text.
      merged.pop();
      while (merged.length > 0 && isStar(merged.at(-1)!)) merged.pop();
      merged.push({ kind: 'any' });
    }
  }
  return merged;
}

/** Reads a class from behind its bracket: `a-z`, `^` in front for all others, `\` in front of any sign. */
function readClass(pattern: string, from: number, text: string): { source: string; next: number } {
  let at = from;
  const others = pattern[at] === '^';
  if (others) at++;
  const sign = () => {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '-' || pattern[at] === ']') throw refuse(text, 'a class is broken');
    const code = pattern.codePointAt(at);
    if (code === undefined) throw refuse(text, 'a class is not closed');
    at += code > 0xffff ? 2 : 1;
    return code;
  };
  const ranges: string[] = [];
  while (ranges.length === 0 || pattern[at] !== ']') {
    const low = sign();
    let high = low;
    if (pattern[at] === '-') {
      at++;
      high = sign();
    }
    if (high < low) throw refuse(text, 'a range in a class runs backwards');
    ranges.push(`\\u{${low.toString(16)}}-\\u{${high.toString(16)}}`);
  }
  return { source: `(?!/)[${others ? '^' : ''}${ranges.join('')}]`, next: at + 1 };
}

export function refuse(text: string, why: string): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', `invalid pattern "${text}": ${why}`, {
    hint: 'mend the line; a backslash in front of a sign takes its meaning away',
  });
}
