// Whiteouts of a layer in memory, as overlayfs has them: the rules of overlay-marks.ts without a disk.
import { markOpaque } from '../erofs/merge-trees.ts';
import { blankNode } from '../erofs/node.ts';
import type { NodeTable } from '../erofs/node-table.ts';
import type { EntryType, TreeEntry } from '../seams.ts';
import { splitPath } from './clean-path.ts';
import type { Found, TreeWalk } from './tree-walk.ts';

export interface TreeMarks {
  /** Clean relative paths. */
  whiteouts: ReadonlySet<string>;
  opaques: ReadonlySet<string>;
  parent: (path: string) => TreeEntry | undefined;
}

/** Places the marks, outer ones first. */
export function markTree(nodes: NodeTable, walk: TreeWalk, { whiteouts, opaques, parent }: TreeMarks): void {
  const hiding = new Map<string, number>();
  const marks = [...whiteouts].map((path) => ({ path, isOpaque: false }));
  for (const path of opaques) marks.push({ path, isOpaque: true });
  marks.sort(
    (one, other) => one.path.length - other.path.length || Number(one.isOpaque) - Number(other.isOpaque),
  );

  const lowerType = (path: string): EntryType | undefined => parent(path === '' ? '/' : `/${path}`)?.type;

  function isHidden(path: string): boolean {
    for (let at = path; ; at = splitPath(at)[0]) {
      if (hiding.has(at)) return true;
      if (at === '') return false;
    }
  }

  /** The directory as it is in this layer or, made anew, as lower layers have it; undefined where neither has it. */
  function enter(path: string): Found | undefined {
    const parts = path === '' ? [] : path.split('/');
    let at = walk.find('')!;
    for (let count = 1; count <= parts.length; count++) {
      const next = walk.find(parts.slice(0, count).join('/'));
      if (!next) {
        if (nodes.child(at.node, parts[count - 1]!) !== undefined || isHidden(at.path)) return undefined;
        const isThere = lowerType(walk.below(at, parts.slice(count - 1).join('/'))) === 'dir';
        return isThere ? walk.resolve(path) : undefined;
      }
      at = next;
    }
    return at;
  }

  function hide(directory: Found, name: string | undefined): void {
    const node = name === undefined ? directory.node : nodes.child(directory.node, name);
    const path = name === undefined ? directory.path : walk.below(directory, name);
    if (node !== undefined && nodes.type(node) === 'dir') hiding.set(path, node);
    else if (node === undefined && !isHidden(directory.path) && lowerType(path) !== undefined)
      walk.put(directory, name!, nodes.add(blankNode('char')));
  }

  for (const { path, isOpaque } of marks) {
    const [parentPath, name] = splitPath(path);
    const directory = enter(isOpaque ? path : parentPath);
    if (directory) hide(directory, isOpaque ? undefined : name);
  }
  for (const node of hiding.values()) markOpaque(nodes, node);
}
