// Symbolic links in a layer's own directories, which are followed when it is unpacked.
import { SlipwayError } from '../errors.ts';

/** Where a link in `folder` leads, and on from there; never out of the root. */
export function linkedPath(folder: string, target: string, rest: readonly string[]): string {
  const parts = target.startsWith('/') || folder === '' ? [] : folder.split('/');
  for (const part of [...target.split('/'), ...rest]) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

export function badLayer(reason: string): SlipwayError {
  return new SlipwayError('ERR_BAD_ARCHIVE', `bad layer: ${reason}`, {
    hint: 'fetch or make the image again: it is damaged, or was made to do harm',
  });
}
