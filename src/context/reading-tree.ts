// A tree that notes which entries go into a key and reads no content, with files in it that are not there yet.
import { type Digest, digestOf } from '../oci/digest.ts';
import type { Tree, TreeEntry } from '../seams.ts';
import { ancestors, baseName, childPath, parentPath } from '../tree/path.ts';

export interface ReadingTree extends Tree {
  /** Paths that were looked at for what they are, not only passed. */
  readonly read: ReadonlySet<string>;
}

/** Stands for the content of every file: it is not read. */
const content: Digest = digestOf('');

const common = { uid: 0, gid: 0, size: 0, mtime: 0n, major: 0, minor: 0, link: '' };
const file: TreeEntry = { type: 'file', mode: 0o644, ...common };
const folder: TreeEntry = { type: 'dir', mode: 0o755, ...common };

/** @param added absolute paths of files that are to be there, too */
export function createReadingTree(tree: Tree, added: Iterable<string>): ReadingTree {
  const read = new Set<string>();
  const entries = new Map<string, TreeEntry>();
  const names = new Map<string, Set<string>>();
  for (const path of added) {
    entries.set(path, file);
    for (const above of ancestors(path)) if (above !== '/' && !entries.has(above)) entries.set(above, folder);
    for (const one of [...ancestors(path), path]) {
      if (one === '/') continue;
      const known = names.get(parentPath(one)) ?? new Set();
      names.set(parentPath(one), known.add(baseName(one)));
    }
  }
  const { remembered: _, ...rest } = tree;
  return {
    ...rest,
    read,
    lstat: (path) => tree.lstat(path) ?? entries.get(path),
    readdir(path) {
      const more = names.get(path);
      const there = tree.readdir(path);
      if (!more) return there;
      return [...new Set([...there, ...more])].sort((a, b) => (a < b ? -1 : 1));
    },
    readlink(path) {
      read.add(path);
      return tree.readlink(path);
    },
    contentDigest: () => content,
    xattrs(path) {
      // Of every entry that goes into a key they are asked for.
      read.add(path);
      return {};
    },
  };
}

/** All files and links below a folder, and folders that are empty; a path that is none is itself. */
export function* entriesBelow(tree: Tree, path: string): Generator<string> {
  const todo = [path];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const entry = tree.lstat(next);
    if (!entry) continue;
    const names = entry.type === 'dir' ? tree.readdir(next) : [];
    if (names.length === 0) yield next;
    for (const name of names.toReversed()) todo.push(childPath(next, name));
  }
}
