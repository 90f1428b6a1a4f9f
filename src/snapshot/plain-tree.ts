// A read-only view of one host directory. No link is followed: each directory on the way is checked once with lstat.
import { readlinkSync } from 'node:fs';
import { type FileState, isDirectoryMode, readState } from '../fs/file-state.ts';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import type { Digest } from '../oci/digest.ts';
import type { Tree } from '../seams.ts';
import { parentPath } from '../tree/path.ts';
import type { Steps } from '../tree/steps.ts';
import { stateEntry } from './entry.ts';
import { fileDigest, fileDigestSteps } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';
import { ownedEntry } from './owned-entry.ts';

export interface DirectoryTreeOptions {
  /** Owns every entry, whoever owns it on the host. */
  owner?: { uid: number; gid: number } | undefined;
  /** Finds the sha256 of a file's content; reads the file where not given. */
  digest?: ((hostPath: string | Buffer, state: FileState) => Digest) | undefined;
  digestInSteps?: ((hostPath: string | Buffer, state: FileState) => Steps<Digest>) | undefined;
  /** Told what was seen of each path that is asked for, and the names that were read after that where these are asked for. */
  look?:
    | ((path: string, names: readonly string[] | undefined, state: FileState | undefined) => void)
    | undefined;
  /** Whether xattrs() tells what files have; true where not given. */
  xattrs?: boolean | undefined;
}

/** Somebody who was told that it is there asks on: it may have gone meanwhile. */
const notThere = (path: string): Error =>
  Object.assign(new Error(`internal error: ${path} is not in the tree`), { code: 'ENOENT' });
const none: Record<string, Buffer> = {};

/** @param directory absolute; may itself be a symbolic link to a directory. */
export function createDirectoryTree(directory: string, options: DirectoryTreeOptions = {}): Tree {
  const checked = new Set<string>();
  const host = (path: string): string => directory + path;

  /** The entry itself; undefined where a component before it is no directory. Valid until the next call. */
  const find = (path: string, file = encodePath(host(path))): Readonly<Float64Array> | undefined =>
    path === '/' || isDirectory(parentPath(path)) ? readState(file) : undefined;

  const isDirectory = (path: string): boolean => {
    if (checked.has(path)) return true;
    const found = find(path);
    if (!found || !isDirectoryMode(found[0]!)) return false;
    checked.add(path);
    return true;
  };

  /** What lstat found last, for the question that mostly follows. It answers once: what it says must not grow old. */
  let lastPath: string | undefined;
  let last: FileState | undefined;
  const recall = (path: string): FileState | undefined => {
    const known = lastPath === path ? last : undefined;
    lastPath = undefined;
    return known ?? find(path);
  };

  const located = (path: string): string => {
    if (path !== '/' && !isDirectory(parentPath(path))) throw notThere(path);
    return host(path);
  };

  return {
    lstat(path) {
      const file = encodePath(host(path));
      const found = find(path, file);
      lastPath = found && path;
      if (!found) {
        options.look?.(path, undefined, undefined);
        return undefined;
      }
      last = [found[0]!, found[1]!, found[2]!, found[3]!, found[4]!, found[5]!, found[6]!];
      const entry = stateEntry(found, file);
      // From here on another path may have been looked at, and `found` be its state.
      options.look?.(path, undefined, last);
      if (!options.owner) return ownedEntry(entry, host(path));
      entry.uid = options.owner.uid;
      entry.gid = options.owner.gid;
      return entry;
    },
    readdir(path) {
      const state = options.look && find(path)?.slice();
      const names = isDirectory(path) ? readNames(host(path)) : [];
      options.look?.(path, names, state);
      return names;
    },
    readlink: (path) => decodeName(readlinkSync(encodePath(located(path)), { encoding: 'buffer' })),
    hostPath: (path) => encodePath(located(path)),
    contentDigest(path) {
      const found = recall(path);
      if (!found) throw notThere(path);
      const file = encodePath(host(path));
      return options.digest ? options.digest(file, found) : fileDigest(file);
    },
    *digestInSteps(path) {
      const found = recall(path);
      if (!found) throw notThere(path);
      const file = encodePath(host(path));
      return yield* options.digestInSteps ? options.digestInSteps(file, found) : fileDigestSteps(file);
    },
    xattrs(path) {
      if (options.xattrs === false) return none;
      const found = find(path);
      return found ? keptXattrs(host(path), stateEntry(found, encodePath(host(path))).type) : {};
    },
  };
}
