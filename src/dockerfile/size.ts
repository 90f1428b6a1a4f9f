// Sizes with units: 64m, 1.5GiB, 1024.
import { SlipwayError } from '../errors.ts';

/**
 * Bytes; every unit is a power of 1024.
 * @throws ERR_SYNTAX where the text is no size.
 */
export function parseSize(text: string): number {
  const found = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])?i?b?)$/i.exec(text);
  const size =
    found && Math.trunc(Number(found[1]) * 1024 ** ' kmgtp'.indexOf(found[2]?.toLowerCase() ?? ' '));
  if (size !== null && Number.isSafeInteger(size)) return size;
  throw new SlipwayError('ERR_SYNTAX', `invalid size "${text}"`, {
    hint: 'write bytes, or a number with k, m or g',
  });
}
