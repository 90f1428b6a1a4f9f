// The files of an image without its layers: a folder, or the entries of one tar.
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { decodeName, encodePath } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { layerPath } from '../tree/path.ts';
import { walkTree } from '../tree/walk.ts';

/** Where a later name of a file finds its first. */
function firstNames(): (path: string, entry: TreeEntry) => string | undefined {
  const first = new Map<string, string>();
  return (path, entry) => {
    if (entry.type !== 'file' || entry.link === '') return undefined;
    const known = first.get(entry.link);
    if (known === undefined) first.set(entry.link, path);
    return known;
  };
}

/** As a layer would hold them. */
export function* treeEntries(tree: Tree, signal: AbortSignal): Generator<LayerEntry> {
  const firstName = firstNames();
  for (const { path, entry } of walkTree(tree, '/')) {
    signal.throwIfAborted();
    if (path === '/') continue;
    const known = firstName(path, entry);
    const host = entry.type === 'file' ? tree.hostPath(path) : undefined;
    yield {
      kind: 'entry',
      path: layerPath(path),
      stat: entry,
      linkTarget: entry.type === 'symlink' ? tree.readlink(path) : '',
      hardLinkTo: known === undefined ? undefined : layerPath(known),
      xattrs: tree.xattrs(path),
      content: host === undefined || typeof host === 'string' ? host : decodeName(host),
    };
  }
}

/** Writes the files below `dest`, owned by whoever runs this; devices and sockets are left out. What is there is replaced. */
export function writeFiles(tree: Tree, dest: string, signal: AbortSignal): void {
  const sys = loadSys();
  const firstName = firstNames();
  const directories: [string, TreeEntry][] = [];
  for (const { path, entry } of walkTree(tree, '/')) {
    signal.throwIfAborted();
    const target = path === '/' ? dest : dest + path;
    if (entry.type === 'dir') {
      makeDirectory(target);
      directories.push([target, entry]);
      continue;
    }
    if (!['file', 'symlink'].includes(entry.type)) continue;
    const host = encodePath(target);
    rmSync(host, { recursive: true, force: true });
    const known = firstName(path, entry);
    if (known !== undefined) linkSync(encodePath(dest + known), host);
    else if (entry.type === 'symlink') symlinkSync(encodePath(tree.readlink(path)), host);
    else {
      copyFileSync(tree.hostPath(path), host, constants.COPYFILE_FICLONE);
      chmodSync(host, entry.mode);
    }
    if (known === undefined) sys.setTimes(target, entry.mtime);
  }
  for (const [target, entry] of directories.reverse()) {
    if (target === dest) continue;
    chmodSync(encodePath(target), entry.mode);
    sys.setTimes(target, entry.mtime);
  }
}

/** A link or file in the way is replaced: nothing is written through a link. */
function makeDirectory(target: string): void {
  const host = encodePath(target);
  const there = lstatSync(host, { throwIfNoEntry: false });
  if (there && !there.isDirectory() && target !== '/') rmSync(host);
  mkdirSync(host, { recursive: true });
}
