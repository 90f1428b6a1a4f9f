// Two layers as one: trees in the form that overlayfs reads (whiteouts are devices 0:0, opaque directories bear a mark).
import type { ErofsNode } from './node.ts';

const opaqueMark = 'trusted.overlay.opaque';

/** The directory then hides what lower layers have there. */
export function markOpaque(directory: ErofsNode): void {
  directory.xattrs = { ...directory.xattrs, [opaqueMark]: Buffer.from('y') };
}

export const isOpaque = ({ xattrs }: ErofsNode): boolean => opaqueMark in xattrs;

const isWhiteout = ({ type, major, minor }: ErofsNode): boolean =>
  type === 'char' && major === 0 && minor === 0;

/**
 * What is seen of `upper` over `lower`, in the form of one layer. Both are used up.
 * @param below whether layers below both have something at `/a/b`: only there a mark is needed, elsewhere it would be seen.
 */
export function mergeTrees(lower: ErofsNode, upper: ErofsNode, below: (path: string) => boolean): ErofsNode {
  /** @param hidden whether nothing of the layers below is seen at the path. */
  function merge(one: ErofsNode, over: ErofsNode, at: { path: string; hidden: boolean }): void {
    if (isOpaque(over)) return;
    const hidden = at.hidden || isOpaque(one);
    const children = new Map(one.children);
    for (const [name, node] of over.children) {
      const there = one.children.get(name);
      const path = `${at.path}/${name}`;
      if (isWhiteout(node) && (hidden || !below(path))) {
        children.delete(name);
        continue;
      }
      if (node.type === 'dir' && there?.type === 'dir') merge(there, node, { path, hidden });
      else if (node.type === 'dir' && there && !hidden && below(path)) markOpaque(node);
      children.set(name, node);
    }
    over.children = children;
    if (isOpaque(one)) markOpaque(over);
  }
  merge(lower, upper, { path: '', hidden: false });
  return upper;
}

/** Paths (`/a/b`, the root is `/`) of the opaque directories, sorted. */
export function opaqueDirectories(root: ErofsNode): string[] {
  const found: string[] = [];
  const visit = (node: ErofsNode, path: string): void => {
    if (isOpaque(node)) found.push(path === '' ? '/' : path);
    for (const [name, child] of node.children) if (child.type === 'dir') visit(child, `${path}/${name}`);
  };
  visit(root, '');
  return found.sort();
}
