// What of a COPY is in the image already, as it is: it makes no part of the layer, as it makes none of a step's.
import type { Tree } from '../seams.ts';
import { parentPath } from '../tree/path.ts';
import { sameXattrs } from '../tree/same-xattrs.ts';
import type { DraftEntry } from './layer-draft.ts';

const second = 1_000_000_000n;

/**
 * The paths of `added` that `base` has the same of; not a directory with anything else in it, nor one of several names of
 * a file. Times count in seconds: archives may have cut them.
 * @param isNew whether the base has nothing at a path.
 */
export function sameAsBase(
  added: ReadonlyMap<string, DraftEntry>,
  base: Tree,
  isNew: (path: string) => boolean,
): Set<string> {
  const same = new Set<string>();
  /** Directories of the base; a path through a link would lead elsewhere. */
  const directories = new Map<string, boolean>([['/', true]]);
  const isDirectory = (path: string): boolean => {
    let found = directories.get(path);
    if (found === undefined) {
      found = isDirectory(parentPath(path)) && base.lstat(path)?.type === 'dir';
      directories.set(path, found);
    }
    return found;
  };
  for (const [path, entry] of added)
    if (!isNew(path) && isDirectory(parentPath(path)) && isSame(path, entry, base)) same.add(path);
  if (same.size === 0) return same;
  for (const path of added.keys()) {
    if (same.has(path)) continue;
    for (let at = parentPath(path); same.delete(at) || at !== '/'; at = parentPath(at));
  }
  return same;
}

function isSame(path: string, entry: DraftEntry, base: Tree): boolean {
  const { stat, origin } = entry;
  const there = base.lstat(path);
  if (there?.type !== stat.type || entry.group !== undefined) return false;
  if (there.uid !== stat.uid || there.gid !== stat.gid) return false;
  if (stat.type !== 'symlink' && there.mode !== stat.mode) return false;
  if (stat.type === 'dir') return sameXattrs(entry.xattrs, base.xattrs(path));
  if (there.size !== stat.size || there.mtime / second !== stat.mtime / second) return false;
  if (there.major !== stat.major || there.minor !== stat.minor) return false;
  if (stat.type === 'symlink') return entry.linkTarget === base.readlink(path);
  if (!sameXattrs(entry.xattrs, base.xattrs(path))) return false;
  if (stat.type !== 'file') return true;
  return origin !== undefined && origin.tree.contentDigest(origin.path) === base.contentDigest(path);
}
