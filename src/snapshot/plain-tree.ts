// A read-only view of one host directory. No link is followed: each directory on the way is checked once with lstat.
import { type BigIntStats, lstatSync, readlinkSync, statSync } from 'node:fs';
import { invariant, systemCode } from '../errors.ts';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import type { Digest } from '../oci/digest.ts';
import type { Tree } from '../seams.ts';
import { parentPath } from '../tree/path.ts';
import { entryType, linkName, treeEntry } from './entry.ts';
import { fileDigest } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';

export interface DirectoryTreeOptions {
  /** Owns every entry, whoever owns it on the host. */
  owner?: { uid: number; gid: number } | undefined;
  /** Finds the sha256 of a file's content; reads the file where not given. */
  digest?: ((hostPath: string | Buffer, stat: BigIntStats) => Digest) | undefined;
  /** Told of each path before it is looked at, and whether its names are asked for. */
  look?: ((path: string, names: boolean) => void) | undefined;
  /** Whether xattrs() tells what files have; true where not given. */
  xattrs?: boolean | undefined;
}

/** @param directory absolute; may itself be a symbolic link to a directory. */
export function createDirectoryTree(directory: string, options: DirectoryTreeOptions = {}): Tree {
  const checked = new Set<string>();
  const host = (path: string): string => directory + path;

  /** The entry itself; undefined where a component before it is no directory. */
  const find = (path: string): BigIntStats | undefined => {
    if (path === '/') return stat(statSync, host(path));
    return isDirectory(parentPath(path)) ? stat(lstatSync, host(path)) : undefined;
  };

  const isDirectory = (path: string): boolean => {
    if (checked.has(path)) return true;
    const found = find(path);
    if (!found || entryType(found) !== 'dir') return false;
    checked.add(path);
    return true;
  };

  /** What lstat found last, for the question that mostly follows. It answers once: what it says must not grow old. */
  let last: { path: string; stat: BigIntStats } | undefined;
  const recall = (path: string): BigIntStats | undefined => {
    const known = last?.path === path ? last.stat : undefined;
    last = undefined;
    return known ?? find(path);
  };

  const located = (path: string): string => {
    invariant(path === '/' || isDirectory(parentPath(path)), `${path} is not in the tree`);
    return host(path);
  };

  return {
    lstat(path) {
      options.look?.(path, false);
      const found = find(path);
      last = found && { path, stat: found };
      if (!found) return undefined;
      const entry = treeEntry(found, linkName(found));
      return options.owner ? { ...entry, uid: options.owner.uid, gid: options.owner.gid } : entry;
    },
    readdir(path) {
      options.look?.(path, true);
      return isDirectory(path) ? readNames(host(path)) : [];
    },
    readlink: (path) => decodeName(readlinkSync(encodePath(located(path)), { encoding: 'buffer' })),
    hostPath: (path) => encodePath(located(path)),
    contentDigest(path) {
      const found = recall(path);
      invariant(found, `${path} is not in the tree`);
      const file = encodePath(host(path));
      return options.digest ? options.digest(file, found) : fileDigest(file);
    },
    xattrs(path) {
      const found = options.xattrs === false ? undefined : find(path);
      return found ? keptXattrs(host(path), entryType(found)) : {};
    },
  };
}

function stat(read: typeof lstatSync, file: string): BigIntStats | undefined {
  try {
    return read(encodePath(file), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    // A name too long for the file system, or a directory that has become something else.
    if (['ENAMETOOLONG', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
