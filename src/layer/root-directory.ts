// The directory that a layer is unpacked into: finds where an entry's parent really is, and never leaves the root.
import { lstatSync, mkdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import { badArchive } from './bad-archive.ts';

const maxLinks = 40;

export interface RootDirectory {
  /**
   * The host path of a directory inside the root; symbolic links on the way are followed within the root only.
   * @param path clean and relative; '' is the root.
   * @throws ERR_BAD_ARCHIVE where something else is in the way, or links go round in circles.
   */
  resolve(path: string): string;
  /** The same, undefined where there is no such directory; makes nothing. */
  find(path: string): string | undefined;
  /** Removes what is at a host path, directories with all that `keep` does not claim. True where nothing of it is left. */
  remove(hostPath: string, keep?: (hostPath: string) => boolean): boolean;
}

export interface RootHooks {
  /** A missing directory has just been made at `hostPath`. */
  made(hostPath: string, path: string): void;
  /** A directory that was there already is about to change. */
  entered(hostPath: string): void;
  /** Whether a file that stands where a directory must be may go. */
  yields(hostPath: string): boolean;
  /** The directory at the path is gone. */
  removed(hostPath: string): void;
  /** Whether a directory that a link leads to is made where it is missing; else the archive is bad. */
  makesLinkTargets: boolean;
}

export function createRootDirectory(root: string, hooks: RootHooks): RootDirectory {
  let known = new Map<string, string>([['', root]]);

  function walk(path: string, make: boolean, links: { left: number }): string | undefined {
    const cached = known.get(path);
    if (cached !== undefined) return cached;
    const slash = path.lastIndexOf('/');
    const parent = walk(slash < 0 ? '' : path.slice(0, slash), make, links);
    if (parent === undefined) return undefined;
    const found = step(parent, path, make, links);
    if (found !== undefined) known.set(path, found);
    return found;
  }

  /** Goes from a verified directory to the last component of `path`. */
  function step(parent: string, path: string, make: boolean, links: { left: number }): string | undefined {
    const hostPath = `${parent}/${path.slice(path.lastIndexOf('/') + 1)}`;
    let stat = lstatSync(encodePath(hostPath), { throwIfNoEntry: false });
    if (make && stat && !stat.isDirectory() && !stat.isSymbolicLink() && hooks.yields(hostPath)) {
      unlinkSync(encodePath(hostPath));
      stat = undefined;
    }
    if (!stat) {
      if (!make) return undefined;
      mkdirSync(encodePath(hostPath), 0o700);
      hooks.made(hostPath, path);
      return hostPath;
    }
    if (stat.isDirectory()) {
      hooks.entered(hostPath);
      return hostPath;
    }
    if (!stat.isSymbolicLink() && !make) return undefined;
    if (!stat.isSymbolicLink()) throw badArchive(`${JSON.stringify(path)} is no directory, but has entries`);
    if (links.left-- === 0) throw badArchive(`too many symbolic links at ${JSON.stringify(path)}`);
    const target = decodeName(readlinkSync(encodePath(hostPath), { encoding: 'buffer' }));
    const found = walk(linkPath(root, parent, target), make && hooks.makesLinkTargets, links);
    if (found === undefined && make) {
      throw badArchive(
        `${JSON.stringify(path)} is a link to ${JSON.stringify(target)}, which is not there, but has entries`,
      );
    }
    return found;
  }

  function remove(hostPath: string, keep: (hostPath: string) => boolean): boolean {
    const stat = lstatSync(encodePath(hostPath), { throwIfNoEntry: false });
    if (!stat) return true;
    if (!stat.isDirectory()) {
      if (keep(hostPath)) return false;
      unlinkSync(encodePath(hostPath));
      return true;
    }
    let empty = true;
    for (const name of readNames(hostPath)) empty = remove(`${hostPath}/${name}`, keep) && empty;
    if (!empty || keep(hostPath)) return false;
    rmdirSync(encodePath(hostPath));
    hooks.removed(hostPath);
    return true;
  }

  return {
    resolve: (path) => walk(path, true, { left: maxLinks })!,
    find: (path) => walk(path, false, { left: maxLinks }),
    remove(hostPath, keep = () => false) {
      known = new Map([['', root]]);
      return remove(hostPath, keep);
    },
  };
}

/** Where a link in the directory `parent` leads, as a path in the root: `..` at the root stays there, as the kernel has it in a chroot. */
export function linkPath(root: string, parent: string, target: string): string {
  const base = target.startsWith('/') ? '' : parent.slice(root.length);
  const parts: string[] = [];
  for (const part of `${base}/${target}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
