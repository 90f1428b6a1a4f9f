// "Did you mean": the nearest of a few known words, as a hint.
import { nearest } from '../nearest.ts';

/** A hint that names the nearest known word, or else all of them. */
export function suggest(word: string, known: readonly string[], write = (text: string) => text): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean ${write(near)}?`;
  return known.length === 0 ? 'it takes none' : `known are ${known.map(write).join(', ')}`;
}
