// Expands words for rules: tells which variables were looked up, and goes on where a build would end.
import {
  type Env,
  type ExpandBudget,
  expandHeredoc,
  expandWord,
  expandWords,
  isPlain,
} from '../dockerfile/expand.ts';
import { isSlipwayError } from '../errors.ts';

export interface Tracker {
  /** Names with a value, and names without one, in the order of their first use. */
  set: ReadonlySet<string>;
  unset: ReadonlySet<string>;
  /** The word itself where it can't be expanded: a build tells why. */
  word(text: string): string;
  words(text: string): string[];
  heredoc(body: string): string;
  /** Forgets the names. */
  clear(): void;
}

const none: ReadonlySet<string> = new Set();

/**
 * Expands with the variables of `env`. A variable counts as used whatever modifier it has: `${x:-1}` where x can have no
 * value is always 1, which nobody means.
 */
export function createTracker(env: Env, escapeSign: '\\' | '`', budget?: ExpandBudget): Tracker {
  // Most words name no variables.
  let set: Set<string> | undefined;
  let unset: Set<string> | undefined;
  const lookup: Env = (name) => {
    const value = env(name);
    if (value === undefined) tracker.unset = unset = (unset ?? new Set()).add(name);
    else tracker.set = set = (set ?? new Set()).add(name);
    return value;
  };
  const options = { escape: escapeSign, budget };
  const tracker: Tracker = {
    set: none,
    unset: none,
    word: (text) => (isPlain(text) ? text : tolerate(() => expandWord(text, lookup, options), text)),
    words: (text) => tolerate(() => expandWords(text, lookup, options), [text]),
    heredoc: (body) => tolerate(() => expandHeredoc(body, lookup, { budget }), body),
    clear() {
      set = undefined;
      unset = undefined;
      tracker.set = none;
      tracker.unset = none;
    },
  };
  return tracker;
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
