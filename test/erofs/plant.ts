// Trees of plain objects as tables of nodes, for tests.
import type { ErofsNode } from '../../src/erofs/node.ts';
import { createNodeTable, type NodeTable } from '../../src/erofs/node-table.ts';

export interface Planned extends ErofsNode {
  children?: ReadonlyMap<string, Planned>;
}

/** One object that stands in several places is one node. */
export function plant(planned: Planned): { nodes: NodeTable; root: number } {
  const nodes = createNodeTable();
  const known = new Map<Planned, number>();
  const add = (node: Planned): number => {
    let number = known.get(node);
    if (number !== undefined) return number;
    number = nodes.add(node);
    known.set(node, number);
    for (const [name, child] of node.children ?? []) nodes.put(number, name, add(child));
    return number;
  };
  return { nodes, root: add(planned) };
}
