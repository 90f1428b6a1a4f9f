// "Did you mean", as a hint of the command line.
import { nearest } from '../nearest.ts';

/** `did you mean X?`, or what there is to choose from. */
export function suggestionHint(word: string, candidates: readonly string[], prefix = ''): string {
  const found = nearest(word, candidates);
  return found === undefined
    ? `known: ${candidates.map((one) => prefix + one).join(', ')}`
    : `did you mean ${prefix}${found}?`;
}
