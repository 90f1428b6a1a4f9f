// Owners, attributes and times of unpacked files. No call follows a symbolic link.
import { lutimesSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { giveOwner } from '../fs/owner-mark.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import { userNamespace } from '../fs/user-namespace.ts';

const refusals = ['EPERM', 'ENOTSUP', 'EINVAL'];
/** Also what file systems answer to user attributes that are too big for them, or on files that may not have any. */
const userRefusals = ['EPERM', 'ENOTSUP', 'E2BIG', 'ERANGE', 'ENOSPC'];

function ownerHint(): string {
  const namespace = userNamespace();
  if (namespace === undefined) return 'run as root, or in a user namespace that maps this owner';
  const { ids } = namespace;
  return `this user namespace has the ids 0 to ${ids - 1}: give the user a larger range in /etc/subuid and /etc/subgid (usermod --add-subuids, --add-subgids), or build as root`;
}

/**
 * @param lenient leaves owners that the system refuses.
 * @throws ERR_UNSUPPORTED
 */
export function setOwner(hostPath: string, owner: { uid: number; gid: number }, lenient: boolean): void {
  if (attempt(refusals, () => giveOwner(hostPath, owner)) || lenient) return;
  throw new SlipwayError('ERR_UNSUPPORTED', `the system refuses the owner ${owner.uid}:${owner.gid}`, {
    hint: ownerHint(),
  });
}

/**
 * Sets those that layers keep: `security.capability` and `user.*`, but not overlayfs's own, with which an archive could point a
 * mount to files that it does not hold, nor ours, which say who owns a file. To be called after setOwner, which clears capabilities.
 */
export function setXattrs(hostPath: string, xattrs: Record<string, Buffer>, lenient: boolean): void {
  for (const [name, value] of Object.entries(xattrs)) {
    const isOurs = name.startsWith('user.overlay.') || name.startsWith('user.slipway.');
    const isUser = name.startsWith('user.') && !isOurs;
    if (!isUser && name !== 'security.capability') continue;
    attempt(isUser ? userRefusals : lenient ? refusals : [], () => loadSys().setXattr(hostPath, name, value));
  }
}

/** Sets the modification and access time. Whole seconds, the rule in layers, need no foreign call. */
export function setTimes(hostPath: string, mtime: bigint): void {
  if (mtime >= 0n && mtime % 1_000_000_000n === 0n) {
    const seconds = Number(mtime / 1_000_000_000n);
    lutimesSync(encodePath(hostPath), seconds, seconds);
  } else {
    loadSys().setTimes(hostPath, mtime);
  }
}

/** False where the system refused with one of the codes. */
export function attempt(codes: string[], call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof SlipwayError || !codes.includes(systemCode(error) ?? '')) throw error;
    return false;
  }
}
