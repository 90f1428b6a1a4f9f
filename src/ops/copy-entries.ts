// Writes entries of a tree to a folder of the host, for mounts that must show a copy.
import { chmodSync, constants, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { giveOwner } from '../fs/owner-mark.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import type { Tree, TreeEntry } from '../seams.ts';
import { childPath } from '../tree/path.ts';

/** Copies `path` and all below it to `destination`; a directory there is filled. Devices and sockets are left out. */
export function copyEntries(tree: Tree, path: string, destination: string): void {
  const entry = tree.lstat(path);
  if (!entry) return;
  const host = encodePath(destination);
  if (entry.type === 'dir') {
    mkdirSync(host, { recursive: true });
    for (const name of tree.readdir(path)) copyEntries(tree, childPath(path, name), `${destination}/${name}`);
  } else if (entry.type === 'file') copyFileSync(tree.hostPath(path), host, constants.COPYFILE_FICLONE);
  else if (entry.type === 'symlink') symlinkSync(encodePath(tree.readlink(path)), host);
  else return;
  applyMetadata(destination, entry);
}

function applyMetadata(destination: string, entry: TreeEntry): void {
  const host = encodePath(destination);
  if (process.getuid?.() === 0) giveOwner(destination, entry);
  if (entry.type !== 'symlink') chmodSync(host, entry.mode);
  loadSys().setTimes(destination, entry.mtime);
}
