// Says in a user's words why nothing more can be written to standard output.
import { SlipwayError, systemCode } from '../errors.ts';

/** Whether whoever read has seen enough. */
export const isReaderGone = (cause: unknown): boolean => systemCode(cause) === 'EPIPE';

export function outputError(cause: unknown): SlipwayError {
  if (isReaderGone(cause))
    return new SlipwayError('ERR_EXPORT', 'the reader of standard output went away', { cause });
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SlipwayError('ERR_DISK_FULL', 'no space is left for standard output', {
      hint: 'what was written is not whole: make room where it goes to',
      cause,
    });
  return new SlipwayError('ERR_EXPORT', "can't write to standard output", {
    hint: 'what was written is not whole: look at where it goes to',
    cause,
  });
}
