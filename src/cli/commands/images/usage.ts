// Command lines that are wrong, in one way.
import { SlipwayError } from '../../../errors.ts';
import type { Platform } from '../../../index.ts';

/** @throws ERR_USAGE unless there are as many words as the command takes. */
export function checkCount(
  words: readonly string[],
  { least, most = Number.POSITIVE_INFINITY, usage }: { least: number; most?: number; usage: string },
): void {
  if (words.length >= least && words.length <= most) return;
  const what =
    words.length < least ? 'a word is missing' : `${JSON.stringify(words[most])} is one word too many`;
  throw new SlipwayError('ERR_USAGE', what, { hint: usage });
}

/** @throws ERR_PLATFORM */
export async function readPlatform(text: string | undefined): Promise<Platform | undefined> {
  if (text === undefined) return undefined;
  const { localPlatform, parsePlatform } = await import('../../../index.ts');
  return parsePlatform(text, localPlatform(process));
}
