// Expands variables and takes quotes and escapes off words, as BuildKit's shell lexer does. The modifiers of ${} that
// work on patterns are in expand-pattern.ts.
import { isSlipwayError, SlipwayError } from '../errors.ts';
import { replaceMatches, trimPrefix, trimSuffix } from './expand-pattern.ts';
import { isSpace } from './space.ts';

export type Env = (name: string) => string | undefined;

export interface ExpandOptions {
  escape: '\\' | '`';
  /** Quotes are obeyed and stay in the text. */
  rawQuotes?: boolean | undefined;
  /** Escapes are obeyed and stay in the text. */
  rawEscapes?: boolean | undefined;
  /** Quotes are ordinary characters. */
  skipQuotes?: boolean | undefined;
  /** Variables that are not set stay as they are written. */
  skipUnset?: boolean | undefined;
  /** Told of each variable that is not set and has no `-`, `+` or `?` that expects this. */
  onUnset?: ((name: string) => void) | undefined;
  /** Shared by all words of a file: variables made of variables grow from line to line. */
  budget?: ExpandBudget | undefined;
}

export interface ExpandBudget {
  /** Characters that may still come out of variables. */
  left: number;
}

export const createExpandBudget = (): ExpandBudget => ({ left: 64 << 20 });

/**
 * Expands one word.
 * @throws ERR_EXPANSION for a broken substitution or quote, or where `${x:?words}` has no value.
 */
export function expandWord(word: string, env: Env, options: ExpandOptions): string {
  if (isPlain(word)) return word;
  if (quotedPlain.test(word) && !options.rawQuotes && !options.skipQuotes) return word.slice(1, -1);
  return createLexer(word, env, options).text;
}

/** Expands a text and parts it into words at blanks, those that come out of variables included. Empty words vanish. */
export function expandWords(word: string, env: Env, options: ExpandOptions): string[] {
  if (word !== '' && isLiteral(word)) return [word];
  return createLexer(word, env, options).words;
}

/** Expands the text of an unquoted heredoc of COPY or ADD: quotes stay, and `\` escapes whatever `# escape` says. */
export function expandHeredoc(
  body: string,
  env: Env,
  options: Pick<ExpandOptions, 'onUnset' | 'budget'> = {},
): string {
  return expandWord(body, env, { ...options, escape: '\\', skipQuotes: true });
}

const special = /[$'"\\`]/;
/** One pair of quotes around all of it, and nothing in them that means anything there. */
const quotedPlain = /^(?:"[^"$\\`]*"|'[^']*')$/;

/** Whether nothing in a text, blanks aside, means anything but itself: expanding it gives the text, whatever the escape. */
export function isPlain(text: string): boolean {
  return !special.test(text);
}

/** Nothing in it means anything but itself, and no blank parts it: as most words are. */
const literal = /^[\w./:=@%+,~*?![\]{}()|&;#^-]*$/;

function isLiteral(word: string): boolean {
  return literal.test(word);
}

interface Lexed {
  text: string;
  words: string[];
}

/** Gathers a text and, beside it, the words it falls into. */
function createCollector() {
  const words: string[] = [];
  let text = '';
  let word = '';
  return {
    /** What can't be parted: quoted or escaped. */
    raw(part: string) {
      text += part;
      word += part;
    },
    plain(part: string) {
      text += part;
      let from = 0;
      for (let at = 0; at < part.length; at++) {
        if (!isSpace(part, at)) continue;
        word += part.slice(from, at);
        from = at + 1;
        if (word !== '') words.push(word);
        word = '';
      }
      word += part.slice(from);
    },
    finish: (): Lexed => ({ text, words: word === '' ? words : [...words, word] }),
  };
}

const nameSign = /[\p{L}\p{Nd}_]/u;
const digit = /\p{Nd}/u;
const isWithin = (sign: string, first: string, last: string): boolean => sign >= first && sign <= last;
const isAscii = (sign: string): boolean => sign <= '\x7f';
// What all of Unicode takes part in is slow to compile: a file in ASCII does without.
const isDigit = (sign: string): boolean => (isAscii(sign) ? isWithin(sign, '0', '9') : digit.test(sign));
const isNameSign = (sign: string): boolean =>
  isAscii(sign)
    ? isWithin(sign, 'a', 'z') || isWithin(sign, 'A', 'Z') || isWithin(sign, '0', '9') || sign === '_'
    : nameSign.test(sign);
/** Variables that double themselves again and again end here, and not with the memory. */
const longest = 16 << 20;
const deepest = 200;
const tooLong = 'is there a variable that is made of others over and over?';

const noWord: Record<string, string> = {
  '?': 'is not allowed to be unset',
  ':?': 'is not allowed to be empty',
};

function createLexer(source: string, env: Env, options: ExpandOptions): Lexed {
  const { escape: escapeSign, budget } = options;
  let at = 0;
  let depth = 0;
  /** Length of what variables have put in. */
  let put = 0;
  let rawEscapes = options.rawEscapes ?? false;
  const next = () => (at < source.length ? source[at++]! : '');
  const isSpecial = (sign: string, stop: string): boolean =>
    sign === stop || sign === '$' || sign === "'" || sign === '"' || sign === '<' || sign === escapeSign;

  /** Reads up to `stop` (taken away) or, with '', to the end. */
  function readUntil(stop: string, raw: boolean): Lexed {
    const outer = rawEscapes;
    rawEscapes = raw;
    if (++depth > deepest)
      throw fail(
        `substitutions lie in one another more than ${deepest} deep`,
        'set a variable to the inner part first',
      );
    const result = createCollector();
    while (at < source.length) {
      const sign = source[at]!;
      if (sign === stop) {
        at++;
        depth--;
        rawEscapes = outer;
        return result.finish();
      }
      if (sign === '$') result.plain(readDollar());
      else if (sign === "'" && !options.skipQuotes) result.raw(readSingleQuoted());
      else if (sign === '"' && !options.skipQuotes) result.raw(readDoubleQuoted());
      else if (sign === '<') result.raw(readAngle());
      else if (sign === escapeSign) {
        at++;
        if (rawEscapes) result.raw(escapeSign);
        if (at < source.length) result.raw(next());
      } else {
        const start = at;
        while (++at < source.length && !isSpecial(source[at]!, stop));
        result.plain(source.slice(start, at));
      }
    }
    depth--;
    if (stop !== '') throw fail(stop === '/' ? 'syntax error: missing / in a replacement' : missingBrace);
    return result.finish();
  }

  /** `<<` holds the blanks behind it to the word, so that `<< EOF` is one. */
  function readAngle(): string {
    const start = at++;
    if (source[at] === '<') {
      at++;
      while (at < source.length && isSpace(source, at)) at++;
    }
    return source.slice(start, at);
  }

  function readSingleQuoted(): string {
    const end = source.indexOf("'", at + 1);
    if (end < 0) throw fail('unexpected end of statement while looking for matching single-quote');
    const inner = source.slice(at + 1, end);
    at = end + 1;
    return options.rawQuotes ? `'${inner}'` : inner;
  }

  function readDoubleQuoted(): string {
    const quote = options.rawQuotes ? '"' : '';
    let result = quote;
    at++;
    while (at < source.length) {
      const sign = source[at]!;
      if (sign === '"') {
        at++;
        return result + quote;
      }
      if (sign === '$') {
        result += readDollar();
        continue;
      }
      at++;
      if (sign !== escapeSign) result += sign;
      else {
        if (rawEscapes) result += escapeSign;
        const escaped = source[at];
        if (escaped === '"' || escaped === '$' || escaped === escapeSign) result += next();
        else if (escaped !== undefined) result += escapeSign;
      }
    }
    throw fail('unexpected end of statement while looking for matching double-quote');
  }

  function readName(): string {
    if (at >= source.length) return '';
    const first = String.fromCodePoint(source.codePointAt(at)!);
    let name = '@*#?-$!'.includes(first) ? first : '';
    if (name === '') {
      const isAllowed = isDigit(first) ? isDigit : isNameSign;
      for (let end = at; end < source.length; ) {
        const sign = String.fromCodePoint(source.codePointAt(end)!);
        if (!isAllowed(sign)) break;
        name += sign;
        end += sign.length;
      }
    }
    at += name.length;
    return name;
  }

  function take(length: number): void {
    put += length;
    if (put > longest) throw fail(`the result is longer than ${longest >> 20} MiB`, tooLong);
    if (budget === undefined) return;
    budget.left -= length;
    if (budget.left < 0) throw fail('the variables of the file come to too much', tooLong);
  }

  function lookup(name: string, mayBeUnset = false): string | undefined {
    const value = env(name);
    if (value !== undefined) take(value.length);
    if (value === undefined && !mayBeUnset) options.onUnset?.(name);
    return value;
  }

  function readDollar(): string {
    const start = at++;
    if (source[at] !== '{') {
      const name = readName();
      if (name === '') return '$';
      return lookup(name) ?? (options.skipUnset ? source.slice(start, at) : '');
    }
    at++;
    if (at >= source.length) throw fail(missingBrace);
    if ('{}:'.includes(source[at]!)) throw fail('syntax error: bad substitution');
    const name = readName();
    const sign = next();
    if (sign === '') throw fail(missingBrace);
    if (sign === '}') return lookup(name) ?? (options.skipUnset ? source.slice(start, at) : '');
    if (sign === '/') return replace(name, start);
    const modifier = sign === ':' ? sign + next() : sign;
    const kind = modifier.at(-1)!;
    if (!/^:?[-+?#%]$/.test(modifier))
      throw fail(`unsupported modifier (${modifier}) in substitution`, knownModifiers);
    const onPattern = kind === '#' || kind === '%';
    const word = readUntil('}', onPattern).text;
    const value = lookup(name, !onPattern);
    if (value === undefined && options.skipUnset) return source.slice(start, at);
    const missing = value === undefined || (modifier[0] === ':' && value === '');
    if (kind === '-') return missing ? word : (value ?? '');
    if (kind === '+') return missing ? '' : word;
    if (kind === '?') {
      if (missing)
        throw fail(
          `${name}: ${word || noWord[value === undefined ? '?' : ':?']}`,
          `give ${name} a value, such as with --build-arg ${name}=VALUE`,
        );
      return value ?? '';
    }
    const longest = word[0] === kind;
    const pattern = longest ? word.slice(1) : word;
    return (kind === '#' ? trimPrefix : trimSuffix)(pattern, value ?? '', longest);
  }

  function replace(name: string, start: number): string {
    const all = source[at] === '/';
    if (all) at++;
    const pattern = readUntil('/', true).text;
    const text = readUntil('}', true).text;
    const value = lookup(name);
    if (value === undefined && options.skipUnset) return source.slice(start, at);
    const replaced = replaceMatches(value ?? '', pattern, { text, all, most: longest });
    if (replaced === undefined) throw fail(`the result is longer than ${longest >> 20} MiB`, tooLong);
    take(replaced.length);
    return replaced;
  }

  try {
    return readUntil('', rawEscapes);
  } catch (error) {
    if (isSlipwayError(error)) error.message = `failed to process ${quote(source)}: ${error.message}`;
    throw error;
  }
}

const knownModifiers = 'known are - + ? # ## % %% / //, and :- :+ :?';
const missingBrace = "syntax error: missing '}'";

function fail(
  message: string,
  hint = 'mend it, or put a backslash in front of a $ or quote that means itself',
): SlipwayError {
  return new SlipwayError('ERR_EXPANSION', message, { hint });
}

/** The text in the message: all of a word, the beginning of a long text. */
function quote(source: string): string {
  return JSON.stringify(source.length > 200 ? `${source.slice(0, 200)}…` : source);
}
