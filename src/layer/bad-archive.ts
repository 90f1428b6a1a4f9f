// The errors of whoever reads archives that others made.
import { SlipwayError } from '../errors.ts';

/** `reason` completes "bad archive: ". */
export function badArchive(reason: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_BAD_ARCHIVE', `bad archive: ${reason}`, {
    hint: 'fetch or make it again: it is damaged, cut short, or was made to do harm',
    cause,
  });
}

/** A limit of unpack-limits.ts, which one may raise: the archive may be sound. */
export function beyondLimit(reason: string, limit: string): SlipwayError {
  return new SlipwayError('ERR_BAD_ARCHIVE', `too large an archive: ${reason}`, {
    hint: `archives that are made to fill disks look like this; where this one is as it should be, raise the limit: SLIPWAY_LIMITS=${limit}=…`,
  });
}
