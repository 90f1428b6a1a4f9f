// The words that commands of registries take besides flags.
import { SlipwayError } from '../../../errors.ts';

/** The one image that a command takes. @throws ERR_USAGE */
export function oneImage(words: readonly string[], command: string): string {
  return exactly(words, 1, `${command} takes exactly one image`, `${command} NAME[:TAG]`)[0]!;
}

/** @throws ERR_USAGE */
export function exactly(
  words: readonly string[],
  count: number,
  what: string,
  hint: string,
): readonly string[] {
  if (words.length === count && words.every((word) => word !== '')) return words;
  const there =
    words.length === 0
      ? 'none is given'
      : `these are given: ${words.map((word) => JSON.stringify(word)).join(', ')}`;
  throw new SlipwayError('ERR_USAGE', `${what}; ${there}`, { hint });
}
