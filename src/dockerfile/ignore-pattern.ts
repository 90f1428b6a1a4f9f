// One pattern of an ignore file as a regular expression: `*`, `?`, classes, `**` anywhere, escapes; no braces.
import { SlipwayError } from '../errors.ts';

export interface IgnorePattern {
  /** Whether it takes back (`!`). */
  negated: boolean;
  matches(path: string): boolean;
  /** Whether it could match something below `dir` without matching `dir` or a folder above. */
  mayMatchBelow(dir: string): boolean;
}

/**
 * Compiles a clean pattern, `!` in front or not. `dir/**` matches what is below `dir`, and not `dir`.
 * @throws ERR_SYNTAX for a class that is not closed or empty, a range that runs backwards, and a lone `!`.
 */
export function compilePattern(text: string): IgnorePattern {
  const negated = text[0] === '!';
  const pattern = negated ? text.slice(1) : text;
  if (pattern === '') throw refuse(text, 'it excepts nothing');
  const parts = pattern.split('/');
  const matches = createMatcher(pattern, text);
  let components: ((name: string) => boolean)[] | undefined;

  function mayMatchBelow(dir: string): boolean {
    const names = dir.split('/');
    for (let depth = 0; depth < names.length; depth++) {
      const part = parts[depth];
      if (part === undefined) return false;
      if (part.includes('**')) return true;
      components ??= [];
      components[depth] ??= createComponentMatcher(part);
      if (!components[depth]!(names[depth]!)) return false;
    }
    return parts.length > names.length;
  }

  return { negated, matches, mayMatchBelow };
}

const special = /[*?[\]\\]/;

/** One piece of a pattern: a sign, a class, or something that stands for any number of signs. */
type Token =
  | { kind: 'literal'; sign: string }
  | { kind: 'class'; source: string }
  | { kind: 'one' }
  | { kind: 'star' }
  /** `**` at the end, and in front of a slash: any text, and whole folders or nothing. */
  | { kind: 'any' }
  | { kind: 'folders' };

/** Steps that trying all ways through a pattern may take: with several stars they grow as powers of the path's length. */
const mostSteps = 1_000_000;

function createMatcher(pattern: string, text: string): (path: string) => boolean {
  const tokens = readTokens(pattern, text);
  if (!special.test(pattern)) return (path) => path === pattern;
  // A double star in front of a plain text stands for any text, else for whole folders.
  if (pattern.startsWith('**') && pattern[2] !== '/' && !special.test(pattern.slice(2))) {
    return (path) => path.endsWith(pattern.slice(2));
  }
  const regExp = new RegExp(`^${tokens.map(sourceOf).join('')}$`, 'su');
  const stars = tokens.filter(({ kind }) => ['star', 'any', 'folders'].includes(kind)).length;
  let steps: ((path: string) => boolean) | undefined;
  return (path) => {
    if (stars < 3 || path.length ** stars < mostSteps) return regExp.test(path);
    steps ??= createStepMatcher(tokens);
    return steps(path);
  };
}

/** A part between slashes; one that can't stand alone (a class with a slash in it) might match anything. */
function createComponentMatcher(part: string): (name: string) => boolean {
  try {
    return createMatcher(part, part);
  } catch {
    return () => true;
  }
}

function readTokens(pattern: string, text: string): Token[] {
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
  return tokens;
}

function sourceOf(token: Token): string {
  switch (token.kind) {
    case 'literal':
      return literal(token.sign);
    case 'class':
      return token.source;
    case 'one':
      return '[^/]';
    case 'star':
      return '[^/]*';
    case 'any':
      return '.*';
    case 'folders':
      return '(?:.*/)?';
  }
}

/** The same by going through all ways at once: in time in proportion to path times pattern. Odd states are inside of folders. */
function createStepMatcher(tokens: readonly Token[]): (path: string) => boolean {
  const classes = tokens.map((token) =>
    token.kind === 'class' ? new RegExp(`^${token.source}$`, 'u') : undefined,
  );
  const end = 2 * tokens.length;

  /** With all states that nothing need be read for. */
  function add(states: Set<number>, state: number): void {
    for (let next = state; !states.has(next); next += 2) {
      states.add(next);
      const kind = next % 2 === 0 ? tokens[next / 2]?.kind : undefined;
      if (kind === 'folders') states.add(next + 1);
      if (kind !== 'star' && kind !== 'any' && kind !== 'folders') return;
    }
  }

  function step(state: number, sign: string, to: Set<number>): void {
    if (state % 2 === 1) {
      to.add(state);
      if (sign === '/') add(to, state + 1);
      return;
    }
    const token = tokens[state / 2];
    const stays = token?.kind === 'any' || (token?.kind === 'star' && sign !== '/');
    const goesOn =
      (token?.kind === 'one' && sign !== '/') ||
      (token?.kind === 'literal' && token.sign === sign) ||
      classes[state / 2]?.test(sign);
    if (stays) add(to, state);
    else if (goesOn) add(to, state + 2);
  }

  return (path) => {
    let states = new Set<number>();
    add(states, 0);
    for (const sign of path) {
      const next = new Set<number>();
      for (const state of states) step(state, sign, next);
      if (next.size === 0) return false;
      states = next;
    }
    return states.has(end);
  };
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

function literal(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function refuse(text: string, why: string): SlipwayError {
  return new SlipwayError('ERR_SYNTAX', `invalid pattern "${text}": ${why}`, {
    hint: 'mend the line; a backslash in front of a sign takes its meaning away',
  });
}
