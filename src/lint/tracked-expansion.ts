// Expands words for rules: tells which variables were looked up, and goes on where a build would end.
import { type Env, expandHeredoc, expandWord, expandWords } from '../dockerfile/expand.ts';
import { isSlipwayError } from '../errors.ts';

export interface Tracker {
  /** Names with a value, and names without one, in the order of their first use. */
  set: Set<string>;
  unset: Set<string>;
  /** The word itself where it can't be expanded: a build tells why. */
  word(text: string): string;
  words(text: string): string[];
  heredoc(body: string): string;
}

/**
 * Expands with the variables of `env`. A variable counts as used whatever modifier it has: `${x:-1}` where x can have no
 * value is always 1, which nobody means.
 */
export function createTracker(env: Env, escapeSign: '\\' | '`'): Tracker {
  const set = new Set<string>();
  const unset = new Set<string>();
  const lookup: Env = (name) => {
    const value = env(name);
    (value === undefined ? unset : set).add(name);
    return value;
  };
  const options = { escape: escapeSign };
  return {
    set,
    unset,
    word: (text) => tolerate(() => expandWord(text, lookup, options), text),
    words: (text) => tolerate(() => expandWords(text, lookup, options), [text]),
    heredoc: (body) => tolerate(() => expandHeredoc(body, lookup), body),
  };
}

/** What `work` returns, or the fallback where the Dockerfile is at fault. */
export function tolerate<T>(work: () => T, fallback: T): T {
  try {
    return work();
  } catch (error) {
    if (isSlipwayError(error)) return fallback;
    throw error;
  }
}
