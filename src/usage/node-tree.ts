// The nodes of a context as a tree that steps read: it notes which step read what, and has no content.

import type { Digest } from '../oci/digest.ts';
import type { Listing, SeenTree } from '../ops/seen-tree.ts';
import type { Tree } from '../seams.ts';
import type { ContextNode } from './context-node.ts';

export interface NodeTree extends SeenTree {
  /** What is read from now on is read by this step. */
  readBy(step: number): void;
  /** A path has to be there. */
  need(path: string): void;
}

/**
 * `contentDigest` gives a name for the content that is the path itself: two trees over the same files agree on a key exactly if
 * a step reads the same of both.
 * @param files where links lead. `all`: what is left out is there, too.
 */
export function createNodeTree(
  root: ContextNode,
  files: Pick<Tree, 'readlink' | 'hostPath'>,
  { all = false }: { all?: boolean } = {},
): NodeTree {
  const nodes = new Map<string, ContextNode>();
  const collect = (node: ContextNode): void => {
    nodes.set(node.path, node);
    for (const child of node.children) if (all || child.shown) collect(child);
  };
  collect(root);
  let reader = -1;
  /** Lists of readers with the current one at their end, by those without: most nodes share a few. */
  const longer = new Map<readonly number[], readonly number[]>();

  function mark(path: string): void {
    const node = nodes.get(path);
    if (!node || reader < 0 || node.readers.at(-1) === reader) return;
    const known = longer.get(node.readers);
    const readers = known ?? [...node.readers, reader];
    if (!known) longer.set(node.readers, readers);
    node.readers = readers;
  }

  function listing(directory: string): Listing {
    const node = nodes.get(directory);
    if (node && reader >= 0) node.listed = true;
    const there = node?.children ?? [];
    const children = all || there.every(({ shown }) => shown) ? there : there.filter(({ shown }) => shown);
    return {
      names: children.map(({ name }) => name),
      path: (index) => children[index]!.path,
      entry: (index) => children[index]!.entry,
    };
  }

  return {
    listing,
    lstat: (path) => nodes.get(path)?.entry,
    readdir: (path) => [...listing(path).names],
    readlink(path) {
      mark(path);
      return files.readlink(path);
    },
    contentDigest: (path) => path as Digest,
    // Asked of all that goes into a key.
    xattrs(path) {
      mark(path);
      return {};
    },
    hostPath: files.hostPath,
    readBy(step) {
      reader = step;
      longer.clear();
    },
    need(path) {
      const node = nodes.get(path);
      if (node) node.needed = true;
    },
  };
}
