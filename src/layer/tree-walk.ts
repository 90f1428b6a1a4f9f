// Finds the directories of a tree in memory by their paths in an archive, following symbolic links as the kernel would in a chroot.
import type { ErofsNode } from '../erofs/node.ts';
import { pathBytes } from '../fs/path-bytes.ts';
import { badArchive } from './bad-archive.ts';
import { linkPath } from './root-directory.ts';

const maxLinks = 40;
const longestName = 255;

/** A directory, and where it really is: `a/b`, '' is the root. */
export interface Found {
  path: string;
  node: ErofsNode;
}

export interface TreeWalk {
  readonly root: ErofsNode;
  /** Makes what is missing. @throws ERR_BAD_ARCHIVE where something else is in the way, or links go round in circles. */
  resolve(path: string): Found;
  /** The same, undefined where there is no such directory; makes nothing. */
  find(path: string): Found | undefined;
  /** Puts something in the place of what may be there. */
  put(directory: Found, name: string, node: ErofsNode): void;
  /** The path of a name in a directory. */
  below(directory: Found, name: string): string;
}

/** @param makeDirectory gives a directory that the archive leaves out; also asked for the root. */
export function createTreeWalk(makeDirectory: (path: string) => ErofsNode): TreeWalk {
  const root = makeDirectory('');
  const top: Found = { path: '', node: root };
  let known = new Map<string, Found>([['', top]]);

  const below = (directory: Found, name: string): string =>
    directory.path === '' ? name : `${directory.path}/${name}`;

  function walk(path: string, make: boolean, links: { left: number }): Found | undefined {
    const cached = known.get(path);
    if (cached) return cached;
    const slash = path.lastIndexOf('/');
    const parent = walk(slash < 0 ? '' : path.slice(0, slash), make, links);
    const found = parent && step(parent, path.slice(slash + 1), make, links);
    if (found) known.set(path, found);
    return found;
  }

  function step(parent: Found, name: string, make: boolean, links: { left: number }): Found | undefined {
    const path = below(parent, name);
    const node = parent.node.children.get(name);
    if (node?.type === 'dir') return { path, node };
    if (!node) {
      if (!make) return undefined;
      checkName(name);
      const made = makeDirectory(path);
      parent.node.children.set(name, made);
      return { path, node: made };
    }
    if (node.type !== 'symlink') {
      if (make) throw badArchive(`${JSON.stringify(path)} is no directory, but has entries`);
      return undefined;
    }
    if (links.left-- === 0) throw badArchive(`too many symbolic links at ${JSON.stringify(path)}`);
    return walk(linkPath('', parent.path, node.linkTarget), make, links);
  }

  return {
    root,
    below,
    resolve: (path) => walk(path, true, { left: maxLinks })!,
    find: (path) => walk(path, false, { left: maxLinks }),
    put(directory, name, node) {
      const there = directory.node.children.get(name);
      if (there === node) return;
      checkName(name);
      if (there) known = new Map([['', top]]);
      directory.node.children.set(name, node);
    },
  };
}

function checkName(name: string): void {
  if (name.length * 3 > longestName && pathBytes(name).length > longestName)
    throw badArchive(`the name ${JSON.stringify(name)} is longer than any can be`);
}
