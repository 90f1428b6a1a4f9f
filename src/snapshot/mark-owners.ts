// After a step, in a user namespace with one id: what has no remembered owner was made by the step, and belongs to its user. Done before
// others can lie on it, as what they copy up takes the mark along.
import { readlinkSync } from 'node:fs';
import { readState } from '../fs/file-state.ts';
import { markOwner, readOwner } from '../fs/owner-mark.ts';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import type { Owner, StepOwners } from '../oci/owner.ts';
import type { Tree, TreeEntry } from '../seams.ts';
import { childPath } from '../tree/path.ts';
import { isWhiteoutState, stateEntry } from './entry.ts';

const readTarget = (file: string | Buffer): string => decodeName(readlinkSync(file, { encoding: 'buffer' }));

/** Returns the owners of what can have no marks, by path. */
export function markOwners(upper: string, lower: Tree, { user, links }: StepOwners): Map<string, Owner> {
  const unmarked = new Map<string, Owner>();

  /** One that is as it is below was copied up. */
  function ownerBelow(path: string, entry: TreeEntry, file: string | Buffer): Owner | undefined {
    const below = lower.lstat(path);
    if (below?.type !== entry.type) return undefined;
    return entry.type !== 'symlink' || lower.readlink(path) === readTarget(file) ? below : undefined;
  }

  function visit(path: string): void {
    const hostPath = upper + path;
    const file = encodePath(hostPath);
    const state = readState(file);
    if (!state || isWhiteoutState(state)) return;
    const entry = stateEntry(state, file);
    if (entry.type === 'file' || entry.type === 'dir') {
      if (readOwner(hostPath) === undefined) markOwner(hostPath, user);
      if (entry.type === 'dir') for (const name of readNames(hostPath)) visit(childPath(path, name));
      return;
    }
    const { uid, gid } = links.get(path) ?? ownerBelow(path, entry, file) ?? user;
    unmarked.set(path, { uid, gid });
  }

  for (const name of readNames(upper)) visit(childPath('/', name));
  return unmarked;
}
