// The one error of whoever reads archives that others made.
import { SlipwayError } from '../errors.ts';

/** `reason` completes "bad archive: ". */
export function badArchive(reason: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_BAD_ARCHIVE', `bad archive: ${reason}`, {
    hint: 'fetch or make it again: it is damaged, cut short, or was made to do harm',
    cause,
  });
}
