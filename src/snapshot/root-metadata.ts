// The root directory of layers: no layer has an entry for it, so each takes over what the one below has.
import { chmodSync } from 'node:fs';
import { giveOwner } from '../fs/owner-mark.ts';
import { loadSys } from '../fs/sys.ts';
import type { TreeEntry } from '../seams.ts';

/** Gives a directory the owner, mode and time of another root. */
export function setRootMetadata(directory: string, root: TreeEntry): void {
  giveOwner(directory, root);
  chmodSync(directory, root.mode);
  loadSys().setTimes(directory, root.mtime);
}
