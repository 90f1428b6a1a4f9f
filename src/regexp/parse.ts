// Reads a regular expression in Go's spelling (RE2: regexp/syntax).
import { anyOf, ignoringCase, not, perlClass, posixClass, range, unicodeClass } from './signs.ts';
import { type Assertion, type Modes, type Node, noExpression, type SignTest } from './syntax.ts';

export interface Parsed {
  node: Node;
  /** Of groups, from the first; undefined for those without one. */
  names: (string | undefined)[];
}

const deepest = 200;
/** As in Go. */
const mostRepeats = 1000;
const plainEscapes: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const assertions: Readonly<Record<string, Assertion>> = {
  ...{ A: 'begin', z: 'end', b: 'word edge', B: 'no word edge' },
};
const newline = 10;

/** What stands between \Q and \E, sign by sign behind backslashes. */
function withoutQuotes(source: string): string {
  return source.replace(/\\(?:Q(.*?)(?:\\E|$)|.)/gs, (whole, quoted: string | undefined) =>
    quoted === undefined ? whole : quoted.replace(/[^\w\s\u0080-\uffff]/g, '\\$&'),
  );
}

/** @throws ERR_EXPANSION */
export function parseExpression(whole: string): Parsed {
  const source = withoutQuotes(whole);
  const names: (string | undefined)[] = [];
  let at = 0;
  let depth = 0;
  let modes: Modes = { ignoreCase: false, lines: false, dotAll: false, lazy: false };
  const fail = (why: string): never => {
    throw noExpression(whole, why);
  };
  const eat = (text: string): boolean => {
    if (!source.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const nextSign = (): number => {
    const sign = source.codePointAt(at) ?? fail('it ends too early');
    at += sign > 0xffff ? 2 : 1;
    return sign;
  };
  const takesSign = (takes: SignTest): Node => ({
    kind: 'sign',
    takes: modes.ignoreCase ? ignoringCase(takes) : takes,
  });

  function either(): Node {
    if (++depth > deepest) fail(`its groups lie more than ${deepest} deep`);
    const parts = [sequence()];
    while (eat('|')) parts.push(sequence());
    depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'either', parts };
  }

  function sequence(): Node {
    const parts: Node[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      const part = atom();
      if (part) parts.push(repeated(part));
      else if (/^[*+?]/.test(source.slice(at, at + 1))) fail('there is nothing to repeat');
    }
    return { kind: 'sequence', parts };
  }

  function repeated(part: Node): Node {
    const found = repetition();
    if (found === undefined) return part;
    const greedy = eat('?') === modes.lazy;
    const node: Node = { kind: 'repeat', part, ...found, greedy };
    if (repetition() !== undefined) fail('two repetitions follow one another');
    return node;
  }

  function repetition(): { least: number; most: number | undefined } | undefined {
    if (eat('*')) return { least: 0, most: undefined };
    if (eat('+')) return { least: 1, most: undefined };
    if (eat('?')) return { least: 0, most: 1 };
    const found = /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(source.slice(at, at + 24));
    if (!found) return undefined;
    at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === '' ? undefined : Number(found[3]);
    if (Math.max(least, most ?? 0) > mostRepeats) fail(`it repeats more than ${mostRepeats} times`);
    if (most !== undefined && most < least) fail(`${found[0]} runs backwards`);
    return { least, most };
  }

  /** Undefined for what only changes modes. */
  function atom(): Node | undefined {
    const { lines } = modes;
    if (eat('(')) return group();
    if (eat('[')) return takesSign(bracket());
    if (eat('^')) return { kind: 'assertion', what: lines ? 'line begin' : 'begin' };
    if (eat('$')) return { kind: 'assertion', what: lines ? 'line end' : 'end' };
    if (eat('.')) return { kind: 'sign', takes: modes.dotAll ? () => true : (sign) => sign !== newline };
    if (/^[*+?]/.test(source.slice(at, at + 1))) return fail('there is nothing to repeat');
    const assertion = source[at] === '\\' ? source[at + 1] : undefined;
    if (assertion !== undefined && Object.hasOwn(assertions, assertion)) {
      at += 2;
      return { kind: 'assertion', what: assertions[assertion]! };
    }
    return takesSign(eat('\\') ? escapedClass() : same(nextSign()));
  }

  const same = (sign: number): SignTest => range(sign, sign);

  /** Behind a backslash. */
  function escapedClass(): SignTest {
    const letter = source[at] ?? '';
    const known = perlClass(letter);
    if (known) at++;
    return known ?? unicodeEscape() ?? same(escapedSign());
  }

  function unicodeEscape(): SignTest | undefined {
    const found = /^[pP](?:\{([^}]{0,40})\}|([^{]))/.exec(source.slice(at, at + 44));
    if (!found) return undefined;
    at += found[0].length;
    const takes = unicodeClass((found[1] ?? found[2])!) ?? fail(`there is no class \\${found[0]}`);
    return found[0].startsWith('P') ? not(takes) : takes;
  }

  function escapedSign(): number {
    const number = /^(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|([0-7]{3}|0[0-7]{0,2}))/.exec(
      source.slice(at, at + 10),
    );
    if (number) {
      at += number[0].length;
      const hex = number[1] ?? number[2];
      const sign = hex === undefined ? Number.parseInt(number[3]!, 8) : Number.parseInt(hex, 16);
      return sign > 0x10ffff ? fail('a character has too large a number') : sign;
    }
    const letter = source[at] ?? fail('a backslash ends it');
    if (Object.hasOwn(plainEscapes, letter)) {
      at++;
      return plainEscapes[letter]!;
    }
    if (/[0-9A-Za-z]/.test(letter)) fail(`there is no \\${letter}`);
    return nextSign();
  }

  /** Behind the opening bracket. */
  function bracket(): SignTest {
    const isNot = eat('^');
    const tests: SignTest[] = [];
    do {
      if (at >= source.length) fail('a [ is not closed');
      tests.push(bracketItem());
    } while (!eat(']'));
    const takes = modes.ignoreCase ? ignoringCase(anyOf(tests)) : anyOf(tests);
    return isNot ? not(takes) : takes;
  }

  function bracketItem(): SignTest {
    const named = /^\[:(\^?[a-z]{1,10}):\]/.exec(source.slice(at, at + 16));
    if (named) {
      at += named[0].length;
      return posixClass(named[1]!) ?? fail(`there is no class ${named[0]}`);
    }
    if (source[at] === '\\' && /^[dswDSWpP]/.test(source.slice(at + 1, at + 2))) {
      at++;
      return escapedClass();
    }
    const sign = (): number => (eat('\\') ? escapedSign() : nextSign());
    const first = sign();
    if (source[at] !== '-' || source[at + 1] === ']') return same(first);
    at++;
    const last = sign();
    return last < first ? fail('a range of characters runs backwards') : range(first, last);
  }

  /** Behind the opening parenthesis. */
  function group(): Node | undefined {
    const outer = modes;
    let index: number | undefined;
    if (!source.startsWith('?', at)) index = names.push(undefined);
    else {
      const name = /^\?P?<(\w+)>/.exec(source.slice(at, at + 200));
      const change = /^\?([imsU]*)(?:-([imsU]+))?([:)])/.exec(source.slice(at, at + 20));
      const found = name ?? change ?? fail(`(${source.slice(at, at + 3)} is not known`);
      at += found[0].length;
      if (name) {
        if (names.includes(name[1]!)) fail(`two groups are called ${name[1]}`);
        index = names.push(name[1]!);
      } else {
        modes = changed(changed(modes, change![1]!, true), change![2] ?? '', false);
        if (change![3] === ')') return undefined;
      }
    }
    const part = either();
    if (!eat(')')) fail('a ( is not closed');
    modes = outer;
    return index === undefined ? part : { kind: 'group', part, index };
  }

  const node = either();
  if (at < source.length) fail('a ) was not opened');
  return { node, names };
}

function changed(modes: Modes, letters: string, on: boolean): Modes {
  const set = { ...modes };
  const fields = { i: 'ignoreCase', m: 'lines', s: 'dotAll', U: 'lazy' } as const;
  for (const letter of letters) set[fields[letter as keyof typeof fields]] = on;
  return set;
}
