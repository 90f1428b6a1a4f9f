// Owners of files in a user namespace with one id: remembered in an attribute, which stays with the file when it is renamed, and goes
// along where overlayfs copies it up.
import { lchownSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import type { Owner } from '../oci/owner.ts';
import { encodePath } from './path-bytes.ts';
import { loadSys } from './sys.ts';
import { userNamespace } from './user-namespace.ts';

/** Nobody takes it from an archive or puts it into one. */
export const ownerAttribute = 'user.slipway.owner';

/** What the kernel answers where a file can't have such an attribute: links, devices, sockets, pipes. */
const impossible = ['EPERM', 'ENOTSUP'];

/** Whether owners are remembered here instead of set. */
export const remembersOwners = (): boolean => userNamespace()?.kind === 'single';

/** Undefined where none was remembered. @param path of path-bytes.ts */
export function readOwner(path: string): Owner | undefined {
  const text = loadSys().getXattr(path, ownerAttribute)?.toString('latin1');
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(text ?? '') ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** False where the file can't tell. */
export function markOwner(path: string, { uid, gid }: Owner): boolean {
  try {
    loadSys().setXattr(path, ownerAttribute, Buffer.from(`${uid}:${gid}`));
    return true;
  } catch (error) {
    if (!impossible.includes(systemCode(error) ?? '')) throw error;
    return false;
  }
}

/** Sets the owner, or remembers it; no link is followed. */
export function giveOwner(path: string, owner: Owner): void {
  if (remembersOwners()) markOwner(path, owner);
  else lchownSync(encodePath(path), owner.uid, owner.gid);
}
