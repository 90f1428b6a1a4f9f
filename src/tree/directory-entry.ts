// A directory that no file system gave its entry.
import type { TreeEntry } from '../seams.ts';

/** What can be said of a directory that is made; `mtime` in nanoseconds. */
export interface MadeDirectory {
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
}

export function directoryEntry(made: MadeDirectory): TreeEntry {
  return { type: 'dir', size: 0, major: 0, minor: 0, link: '', ...made };
}

/** 0755 and root's, of no time. */
export const plainDirectory: TreeEntry = directoryEntry({ mode: 0o755, uid: 0, gid: 0, mtime: 0n });
