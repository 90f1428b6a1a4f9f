// The ways in which instructions part their arguments: blanks, quoted words, NAME=value pairs, JSON arrays.
import { SlipwayError } from '../errors.ts';
import type { KeyValue } from './instruction.ts';
import { isSpace, wordGap } from './space.ts';

/** Words parted by blanks; quotes hold nothing together. */
export function splitBlanks(text: string): string[] {
  return text === '' ? [] : text.split(wordGap);
}

/** Words parted by blanks outside of quotes. Quotes and escapes stay in them: expanding takes them off. */
export function splitQuoted(text: string, escapeSign: string): string[] {
  const words: string[] = [];
  let start = -1;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (quote === '' && isSpace(text, at)) {
      if (start >= 0) words.push(text.slice(start, at));
      start = -1;
      continue;
    }
    if (sign === escapeSign && quote !== "'") {
      // One that escapes nothing is left out.
      if (at + 1 === text.length) {
        if (start >= 0) words.push(text.slice(start, at));
        return words;
      }
      if (start < 0) start = at;
      at++;
      continue;
    }
    if (quote === '' && (sign === "'" || sign === '"')) quote = sign;
    else if (sign === quote) quote = '';
    if (start < 0) start = at;
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/**
 * The pairs of ENV and LABEL: `NAME=value …`, or the old form `NAME the rest of the line`.
 * @throws ERR_SYNTAX for a word that is no pair, or a blank name.
 */
export function parsePairs(
  keyword: string,
  text: string,
  escapeSign: string,
): { pairs: KeyValue[]; legacy: boolean } {
  const words = splitQuoted(text, escapeSign);
  const legacy = words.length > 0 && !words[0]!.includes('=');
  const pairs = legacy ? [parseOldForm(keyword, text)] : words.map((word) => parsePair(keyword, word));
  for (const { key } of pairs) {
    if (key !== '') continue;
    throw new SlipwayError('ERR_SYNTAX', `${keyword} names can not be blank`, {
      hint: 'write a name in front of the =',
    });
  }
  return { pairs, legacy };
}

function parseOldForm(keyword: string, text: string): KeyValue {
  const gap = wordGap.exec(text);
  if (gap === null) {
    throw new SlipwayError('ERR_SYNTAX', `${keyword} must have two arguments`, {
      hint: `write ${keyword} ${text}=value`,
    });
  }
  return { key: text.slice(0, gap.index), value: text.slice(gap.index + gap[0].length) };
}

function parsePair(keyword: string, word: string): KeyValue {
  const equals = word.indexOf('=');
  if (equals >= 0) return { key: word.slice(0, equals), value: word.slice(equals + 1) };
  throw new SlipwayError('ERR_SYNTAX', `${keyword} has ${JSON.stringify(word)} where name=value must stand`, {
    hint:
      word[0] === '#'
        ? 'a comment needs a line of its own'
        : 'quote a value that holds blanks: name="two words"',
  });
}

/**
 * A JSON array of strings, or undefined where the text is no JSON array: then it is words, or a line for the shell.
 * @throws ERR_SYNTAX for a JSON array that holds something else than strings.
 */
export function parseJsonWords(text: string): string[] | undefined {
  if (text[0] !== '[') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (value.every((item) => typeof item === 'string')) return value;
  throw new SlipwayError('ERR_SYNTAX', 'a JSON array of arguments may hold strings alone', {
    hint: 'put numbers, true and false in double quotes',
  });
}
