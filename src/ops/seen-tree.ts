// A tree that is looked at once: what was seen of a path is what it is, whoever asks later.
import type { Tree, TreeEntry } from '../seams.ts';

/** For files that may change meanwhile, and are looked at again in the end: between, all that is made of them agrees. */
export function createSeenTree(tree: Tree): Tree {
  const entries = new Map<string, TreeEntry | undefined>();
  const names = new Map<string, string[]>();
  return {
    ...tree,
    lstat(path) {
      const known = entries.get(path);
      if (known || entries.has(path)) return known;
      const entry = tree.lstat(path);
      entries.set(path, entry);
      return entry;
    },
    readdir(path) {
      let known = names.get(path);
      if (!known) {
        known = tree.readdir(path);
        names.set(path, known);
      }
      return known;
    },
  };
}
