// One pattern of an ignore file as a regular expression: `*`, `?`, classes, `**` anywhere, escapes; no braces.
import { createStepMatcher } from './ignore-steps.ts';
import { isStar, readTokens, refuse, type Token } from './ignore-tokens.ts';

export interface IgnorePattern {
  /** Whether it takes back (`!`). */
  negated: boolean;
  matches(path: string): boolean;
  /** Whether it could match something below a folder, named part by part, without matching it or a folder above. */
  mayMatchBelow(names: readonly string[]): boolean;
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

  function mayMatchBelow(names: readonly string[]): boolean {
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

/** Steps that trying all ways through a pattern may take: with several stars they grow as powers of the path's length. */
const mostSteps = 1_000_000;

function createMatcher(pattern: string, text: string): (path: string) => boolean {
  const tokens = readTokens(pattern, text);
  // A double star in front of a plain text stands for any text, else for whole folders.
  if (pattern.startsWith('**') && pattern[2] !== '/' && !special.test(pattern.slice(2))) {
    return (path) => path.endsWith(pattern.slice(2));
  }
  return createPlainMatcher(tokens) ?? createRegExpMatcher(tokens);
}

/** Most patterns are a text with at most one star, in front or at the end. */
function createPlainMatcher(tokens: readonly Token[]): ((path: string) => boolean) | undefined {
  const stars = tokens.filter(isStar).length;
  const first = tokens[0]?.kind;
  const last = tokens.at(-1)?.kind;
  if (stars > 1 || tokens.some(({ kind }) => kind === 'one' || kind === 'class')) return undefined;
  const text = tokens.map((token) => (token.kind === 'literal' ? token.sign : '')).join('');
  if (stars === 0) return (path) => path === text;
  if (first === 'any') return (path) => path.endsWith(text);
  if (last === 'any') return (path) => path.startsWith(text);
  if (first === 'folders') {
    const inFolder = `/${text}`;
    return (path) => path === text || path.endsWith(inFolder);
  }
  if (first === 'star')
    return (path) => path.endsWith(text) && !path.slice(0, path.length - text.length).includes('/');
  if (last === 'star') return (path) => path.startsWith(text) && !path.includes('/', text.length);
  return undefined;
}

function createRegExpMatcher(tokens: readonly Token[]): (path: string) => boolean {
  const stars = tokens.filter(isStar).length;
  const shortest = tokens.length - stars;
  let regExp: RegExp | undefined;
  let steps: ((path: string) => boolean) | undefined;
  return (path) => {
    if (path.length < shortest) return false;
    if (stars > 1 && path.length ** stars >= mostSteps) {
      steps ??= createStepMatcher(tokens);
      return steps(path);
    }
    regExp ??= new RegExp(`^${tokens.map(sourceOf).join('')}$`, 'su');
    return regExp.test(path);
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

function literal(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}
