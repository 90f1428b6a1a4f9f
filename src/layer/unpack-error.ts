// What an error of the file system means to somebody who unpacks an archive.
import { type ErrorCode, isSlipwayError, SlipwayError, systemCode } from '../errors.ts';

const meanings: Record<string, { code: ErrorCode; hint: string }> = {
  ENOSPC: { code: 'ERR_DISK_FULL', hint: 'make room: slipway prune removes what no image uses' },
  EDQUOT: { code: 'ERR_DISK_FULL', hint: 'the disk quota is used up' },
  EPERM: { code: 'ERR_UNSUPPORTED', hint: 'run as root, or in a user namespace that maps the owners' },
  EACCES: { code: 'ERR_UNSUPPORTED', hint: 'run as root, or in a user namespace that maps the owners' },
};
const fault = ['ENAMETOOLONG', 'EINVAL', 'ELOOP', 'ENOTDIR', 'EISDIR', 'EMLINK', 'ENOENT', 'EEXIST'];

/** Runs a synchronous piece of work on the entry `path`; errors of the file system come out as SlipwayErrors. */
export function unpacking<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (isSlipwayError(error) || code === undefined) throw error;
    const meaning = meanings[code] ?? {
      code: fault.includes(code) ? ('ERR_BAD_ARCHIVE' as const) : ('ERR_STORE' as const),
      hint: undefined,
    };
    const message = `can't unpack ${JSON.stringify(path)}: ${(error as Error).message}`;
    throw new SlipwayError(meaning.code, message, { hint: meaning.hint, cause: error });
  }
}
