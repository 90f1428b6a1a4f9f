// Finds the directories of a tree in memory by their paths in an archive, following symbolic links as the kernel would in a chroot.
import type { NodeTable } from '../erofs/node-table.ts';
import { pathBytes } from '../fs/path-bytes.ts';
import { badArchive } from './bad-archive.ts';
import { linkPath } from './root-directory.ts';

const maxLinks = 40;
const longestName = 255;
/** PATH_MAX of Linux: nobody could reach what lies deeper, which links may do. */
const longestPath = 4096;
/** Directories whose places are remembered. */
const knownLimit = 4096;

/** A directory, and where it really is: `a/b`, '' is the root. */
export interface Found {
  path: string;
  node: number;
}

export interface TreeWalk {
  readonly root: number;
  /** Makes what is missing. @throws ERR_BAD_ARCHIVE where something else is in the way, or links go round in circles. */
  resolve(path: string): Found;
  /** The same, undefined where there is no such directory; makes nothing. */
  find(path: string): Found | undefined;
  /** Puts something in the place of what may be there. */
  put(directory: Found, name: string, node: number): void;
  /** The path of a name in a directory. */
  below(directory: Found, name: string): string;
}

/** @param makeDirectory gives a directory that the archive leaves out; also asked for the root. */
export function createTreeWalk(nodes: NodeTable, makeDirectory: (path: string) => number): TreeWalk {
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
    if (known.size >= knownLimit) known = new Map([['', top]]);
    if (found) known.set(path, found);
    return found;
  }

  function step(parent: Found, name: string, make: boolean, links: { left: number }): Found | undefined {
    const path = below(parent, name);
    const node = nodes.child(parent.node, name);
    if (node === undefined) {
      if (!make) return undefined;
      checkName(name);
      if (path.length > longestPath) throw badArchive(`a path has more than ${longestPath} characters`);
      const made = makeDirectory(path);
      nodes.put(parent.node, name, made);
      return { path, node: made };
    }
    const type = nodes.type(node);
    if (type === 'dir') return { path, node };
    if (type !== 'symlink') {
      if (make) throw badArchive(`${JSON.stringify(path)} is no directory, but has entries`);
      return undefined;
    }
    if (links.left-- === 0) throw badArchive(`too many symbolic links at ${JSON.stringify(path)}`);
    return walk(linkPath('', parent.path, nodes.linkTarget(node)), make, links);
  }

  return {
    root,
    below,
    resolve: (path) => walk(path, true, { left: maxLinks })!,
    find: (path) => walk(path, false, { left: maxLinks }),
    put(directory, name, node) {
      const there = nodes.child(directory.node, name);
      if (there === node) return;
      checkName(name);
      if (there !== undefined) known = new Map([['', top]]);
      nodes.put(directory.node, name, node);
    },
  };
}

function checkName(name: string): void {
  if (name.length * 3 > longestName && pathBytes(name).length > longestName)
    throw badArchive(`the name ${JSON.stringify(name)} is longer than any can be`);
}
