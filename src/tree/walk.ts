// Walks a tree in the order of its layers: a directory before what it holds, names sorted.
import type { Tree, TreeEntry } from '../seams.ts';
import { childPath } from './path.ts';

export interface Visited {
  path: string;
  entry: TreeEntry;
}

/** Yields `path` and all below it; `enter` may keep a directory's content out. Links are not followed. */
export function* walkTree(
  tree: Tree,
  path: string,
  enter?: (visited: Visited) => boolean,
): Generator<Visited> {
  const entry = tree.lstat(path);
  if (!entry) return;
  const visited = { path, entry };
  yield visited;
  if (entry.type !== 'dir' || (enter && !enter(visited))) return;
  for (const name of tree.readdir(path)) yield* walkTree(tree, childPath(path, name), enter);
}
