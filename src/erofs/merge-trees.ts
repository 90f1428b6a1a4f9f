// Two layers as one: trees in the form that overlayfs reads (whiteouts are devices 0:0, opaque directories bear a mark).
import type { NodeTable } from './node-table.ts';

const opaqueMark = 'trusted.overlay.opaque';

/** The directory then hides what lower layers have there. */
export function markOpaque(nodes: NodeTable, directory: number): void {
  nodes.change(directory, { xattrs: { ...nodes.xattrs(directory), [opaqueMark]: Buffer.from('y') } });
}

const isOpaque = (nodes: NodeTable, directory: number): boolean => opaqueMark in nodes.xattrs(directory);

function isWhiteout(nodes: NodeTable, node: number): boolean {
  if (nodes.type(node) !== 'char') return false;
  const { major, minor } = nodes.get(node);
  return major === 0 && minor === 0;
}

/**
 * Makes of the directory `upper` what is seen of it over `lower`, in the form of one layer. Both are used up.
 * @param below whether layers below both have something at `/a/b`: only there a mark is needed, elsewhere it would be seen.
 */
export function mergeTrees(
  nodes: NodeTable,
  { lower, upper }: { lower: number; upper: number },
  below: (path: string) => boolean,
): void {
  const isDirectory = (node: number): boolean => nodes.type(node) === 'dir';

  /** @param hidden whether nothing of the layers below is seen at the path. */
  function merge(one: number, over: number, at: { path: string; hidden: boolean }): void {
    if (isOpaque(nodes, over)) return;
    const hidden = at.hidden || isOpaque(nodes, one);
    const added = nodes.children(one).filter(([name]) => nodes.child(over, name) === undefined);
    for (const [name, node] of nodes.children(over)) {
      const path = `${at.path}/${name}`;
      if (isWhiteout(nodes, node) && (hidden || !below(path))) {
        nodes.remove(over, name);
        continue;
      }
      const there = nodes.child(one, name);
      if (there === undefined || !isDirectory(node)) continue;
      if (isDirectory(there)) merge(there, node, { path, hidden });
      else if (!hidden && below(path)) markOpaque(nodes, node);
    }
    for (const [name, node] of added) nodes.put(over, name, node);
    if (isOpaque(nodes, one)) markOpaque(nodes, over);
  }
  merge(lower, upper, { path: '', hidden: false });
}

/** Paths (`/a/b`, the root is `/`) of the opaque directories, sorted. */
export function opaqueDirectories(nodes: NodeTable, root: number): string[] {
  const found: string[] = [];
  const visit = (directory: number, path: string): void => {
    if (isOpaque(nodes, directory)) found.push(path === '' ? '/' : path);
    for (const name of nodes.names.list(directory)) {
      const node = nodes.names.nodeOf(name);
      if (nodes.type(node) === 'dir') visit(node, `${path}/${nodes.names.textOf(name)}`);
    }
  };
  visit(root, '');
  return found.sort();
}
