// Nodes of what a context holds, found for tests.
import type { ContextNode } from '../../src/usage/context-node.ts';

/** What no step reads: each node that is unused with all below it, in the order of the paths. */
export function unusedNodes(root: ContextNode): ContextNode[] {
  const found: ContextNode[] = [];
  const visit = (node: ContextNode): void => {
    for (const child of node.children)
      if (child.shown) {
        if (child.used) visit(child);
        else found.push(child);
      }
  };
  visit(root);
  return found;
}

/** The nodes from the root to a path, as far as there are any. */
export function nodesTo(root: ContextNode, path: string): ContextNode[] {
  const found = [root];
  for (const part of path.split('/').filter(Boolean)) {
    const next = found.at(-1)!.children.find(({ name }) => name === part);
    if (!next) break;
    found.push(next);
  }
  return found;
}
