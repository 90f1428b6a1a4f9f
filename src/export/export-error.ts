// Says in a user's words why a result could not be written.
import { SlipwayError, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';

/** Maps a system error to ERR_EXPORT, or ERR_DISK_FULL; anything else is returned as it is. Throw what it returns. */
export function exportError(error: unknown, dest: string): unknown {
  if (error instanceof SlipwayError) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskError(error, `writing ${dest}`);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const [why, hint] = reasons[code] ?? [code, 'give dest= another path'];
  return new SlipwayError('ERR_EXPORT', `can't write ${dest}: ${why}`, { hint, cause: error });
}

const reasons: Record<string, [why: string, hint: string]> = {
  EACCES: ['permission was denied', 'give dest= a path that you may write to'],
  EPERM: ['permission was denied', 'give dest= a path that you may write to'],
  EROFS: ['the file system is read-only', 'give dest= a path that you may write to'],
  EISDIR: ['it is a folder', 'give dest= the path of a file, or use tar=false for a folder'],
  ENOTDIR: [
    'a part of the path is no folder',
    'give dest= another path, or remove the file that is in the way',
  ],
  EEXIST: [
    'a part of the path is no folder',
    'give dest= another path, or remove the file that is in the way',
  ],
  EPIPE: ['the reader of the stream went away', 'look at what reads standard output'],
};
