// The patterns of ${x#p}, ${x%p} and ${x/p/r}: `*` and `?`, no classes. Matching takes time in proportion to text times
// pattern, whatever they hold, and replacing has a limit.
import { SlipwayError } from '../errors.ts';

/** A literal character, or one of the two wildcards. */
type Token = { literal: string } | { wildcard: '*' | '?' };

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const signs = Array.from(pattern);
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at]!;
    if (sign === '*' || sign === '?') tokens.push({ wildcard: sign });
    else if (sign !== '\\') tokens.push({ literal: sign });
    else if (signs[at + 1] === '}' || signs[at + 1] === '/') tokens.push({ literal: signs[++at]! });
    else {
      const escaped = signs[++at];
      if (escaped !== '*' && escaped !== '?' && escaped !== '\\') {
        const what = `invalid escape '\\${escaped ?? ''}'`;
        throw new SlipwayError('ERR_EXPANSION', `invalid pattern (${pattern}) in substitution: ${what}`, {
          hint: 'only *, ?, \\, / and } can be escaped in a pattern',
        });
      }
      tokens.push({ literal: escaped });
    }
  }
  return tokens;
}

/** Steps that one substitution may take: seconds. */
const mostSteps = 20_000_000;

/** Counts them. */
type Spend = (steps: number) => void;

function createSpend(pattern: string, value: string): Spend {
  let left = mostSteps;
  return (steps) => {
    left -= steps;
    if (left >= 0) return;
    const shown = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;
    const what = `the pattern (${shown}) takes too long on a value of ${value.length} characters`;
    throw new SlipwayError('ERR_EXPANSION', what, { hint: 'do it in a RUN instead' });
  };
}

/** Where matches that begin at `from` end: the nearest and the farthest place, or undefined where there is none. */
function match(
  tokens: readonly Token[],
  text: readonly string[],
  { from, spend }: { from: number; spend: Spend },
): [number, number] | undefined {
  let states = close(tokens, new Set([0]));
  let found: [number, number] | undefined;
  for (let at = from; ; at++) {
    if (states.has(tokens.length)) found = [found?.[0] ?? at, at];
    if (at >= text.length || states.size === 0) return found;
    spend(states.size);
    states = close(tokens, step(tokens, states, text[at]!));
  }
}

function step(tokens: readonly Token[], states: ReadonlySet<number>, sign: string): Set<number> {
  const after = new Set<number>();
  for (const state of states) {
    const token = tokens[state];
    if (token === undefined) continue;
    if ('literal' in token) {
      if (token.literal === sign) after.add(state + 1);
    } else if (sign !== '\n') after.add(token.wildcard === '*' ? state : state + 1);
  }
  return after;
}

/** Where the first match to end, of those that begin at `from` or later, ends. */
function nearestEnd(
  tokens: readonly Token[],
  text: readonly string[],
  { from, spend }: { from: number; spend: Spend },
): number | undefined {
  let states = close(tokens, new Set([0]));
  for (let at = from; ; at++) {
    if (states.has(tokens.length)) return at;
    if (at >= text.length) return undefined;
    spend(states.size);
    states = close(tokens, step(tokens, states, text[at]!).add(0));
  }
}

/** Adds the states behind stars, which may match nothing. */
function close(tokens: readonly Token[], states: Set<number>): Set<number> {
  for (const state of states) {
    const token = tokens[state];
    if (token !== undefined && 'wildcard' in token && token.wildcard === '*') states.add(state + 1);
  }
  return states;
}

/** `${x#p}` and `${x##p}`: the value without its shortest or longest beginning that matches. */
export function trimPrefix(pattern: string, value: string, longest: boolean): string {
  const text = Array.from(value);
  const found = match(tokenize(pattern), text, { from: 0, spend: createSpend(pattern, value) });
  return found === undefined ? value : text.slice(longest ? found[1] : found[0]).join('');
}

/** `${x%p}` and `${x%%p}`: the same from the end. */
export function trimSuffix(pattern: string, value: string, longest: boolean): string {
  const text = Array.from(value).reverse();
  const found = match(tokenize(pattern).reverse(), text, { from: 0, spend: createSpend(pattern, value) });
  if (found === undefined) return value;
  return text
    .slice(longest ? found[1] : found[0])
    .reverse()
    .join('');
}

/**
 * `${x/p/r}` and `${x//p/r}`: the first or every longest match replaced by a text that is taken literally.
 * Undefined where that gives more than `most` characters.
 */
export function replaceMatches(
  value: string,
  pattern: string,
  by: { text: string; all: boolean; most: number },
): string | undefined {
  const tokens = tokenize(pattern);
  const spend = createSpend(pattern, value);
  const text = Array.from(value);
  let result = '';
  let at = 0;
  let lastEnd = -1;
  let known = -1;
  while (at <= text.length) {
    // Each place may be tried to the end of the text in vain: where nothing matches any more, none is.
    if (at > known) {
      known = nearestEnd(tokens, text, { from: at, spend }) ?? -1;
      if (known < 0) return result + text.slice(at).join('');
    }
    const end = match(tokens, text, { from: at, spend })?.[1];
    if (end !== undefined && !(end === at && at === lastEnd)) {
      result += by.text;
      if (result.length > by.most) return undefined;
      if (!by.all) return result + text.slice(end).join('');
      lastEnd = end;
      if (end > at) {
        at = end;
        continue;
      }
    }
    result += text[at] ?? '';
    at++;
  }
  return result;
}
