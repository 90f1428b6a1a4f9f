// Says in a user's words what a disk refused: full, read-only, not allowed.
import { SlipwayError, systemCode } from '../errors.ts';

/**
 * Maps a system error of the disk to a SlipwayError: ENOSPC and EDQUOT to ERR_DISK_FULL; EROFS, EACCES, EPERM and EIO to
 * ERR_STORE. Anything else is returned as it is. Throw what it returns.
 * @param doing what was tried, in the -ing form: `storing a blob`.
 */
export function diskError(error: unknown, doing: string): unknown {
  if (error instanceof SlipwayError) return error;
  const path = (error as { path?: unknown } | null)?.path;
  const where = typeof path === 'string' ? ` (${path})` : '';
  const failed = (code: 'ERR_DISK_FULL' | 'ERR_STORE', why: string, hint: string) =>
    new SlipwayError(code, `${why} while ${doing}${where}`, { hint, cause: error });
  switch (systemCode(error)) {
    case 'ENOSPC':
      return failed('ERR_DISK_FULL', 'no space is left on the disk', 'free some with "slipway prune"');
    case 'EDQUOT':
      return failed('ERR_DISK_FULL', 'the disk quota is used up', 'free some with "slipway prune"');
    case 'EROFS':
      return failed('ERR_STORE', 'the file system is read-only', 'name a writable folder with --root');
    case 'EACCES':
    case 'EPERM':
      return failed(
        'ERR_STORE',
        'permission was denied',
        'run as the user that owns the folder, or name another with --root',
      );
    case 'EIO':
      return failed('ERR_STORE', 'the disk failed', 'look into the system log for errors of the disk');
    default:
      return error;
  }
}
