// A build context as the builder sees it: what an ignore file leaves out is not there.
import type { Digest } from '../oci/digest.ts';
import type { Tree } from '../seams.ts';
import { childPath } from '../tree/path.ts';

/** Decides by paths without a leading slash. */
export interface IgnoreMatcher {
  ignores(path: string): boolean;
  /** False where nothing below an ignored directory can be taken in again. */
  mayIncludeBelow(directory: string): boolean;
}

export function createIgnoredTree(tree: Tree, matcher: IgnoreMatcher): Tree {
  const shownDirectories = new Map<string, boolean>();

  /** An ignored directory stays where something below it is taken in again. */
  function shown(path: string): boolean {
    if (path === '/' || !matcher.ignores(path.slice(1))) return true;
    let known = shownDirectories.get(path);
    if (known === undefined) {
      known =
        tree.lstat(path)?.type === 'dir' &&
        matcher.mayIncludeBelow(path.slice(1)) &&
        readdir(path).length > 0;
      shownDirectories.set(path, known);
    }
    return known;
  }

  const readdir = (path: string): string[] =>
    tree.readdir(path).filter((name) => shown(childPath(path, name)));

  const { remembered } = tree;
  return {
    ...tree,
    ...(remembered && {
      remembered: (question: string, ask: () => Digest) =>
        remembered(question, () => {
          // Each question looks for itself.
          shownDirectories.clear();
          return ask();
        }),
    }),
    lstat: (path) => (shown(path) ? tree.lstat(path) : undefined),
    readdir: (path) => (shown(path) ? readdir(path) : []),
  };
}
