// A tree that is looked at once: what was seen of a path is what it is, whoever asks later.
import type { Tree, TreeEntry } from '../seams.ts';
import { baseName, childPath, parentPath } from '../tree/path.ts';

/** What a directory holds. */
export interface Listing {
  /** Sorted by code unit. */
  readonly names: readonly string[];
  /** The path of a name, by its place in `names`. */
  path(index: number): string;
  entry(index: number): TreeEntry | undefined;
}

/** A tree that can be walked without a look for each path. */
export interface SeenTree extends Tree {
  listing(directory: string): Listing;
}

/** The listing of a directory; of any tree, nothing is kept of it where it is no seen one. */
export function listingOf(tree: Tree, directory: string): Listing {
  if ('listing' in tree) return (tree as SeenTree).listing(directory);
  const names = tree.readdir(directory);
  const path = (index: number): string => childPath(directory, names[index]!);
  return { names, path, entry: (index) => tree.lstat(path(index)) };
}

interface Kept extends Listing {
  /** In the order of the names; null until asked for. */
  entries: (TreeEntry | undefined | null)[];
}

/** For files that may change meanwhile, and are looked at again in the end: between, all that is made of them agrees. */
export function createSeenTree(tree: Tree): SeenTree {
  const listings = new Map<string, Kept>();
  /** Of paths that were asked for before the directory that they are in was listed, or that are in none. */
  const single = new Map<string, TreeEntry | undefined>();

  function look(path: string): TreeEntry | undefined {
    const entry = tree.lstat(path);
    single.set(path, entry);
    return entry;
  }

  function list(directory: string): Kept {
    const names = tree.readdir(directory);
    const entries: Kept['entries'] = new Array(names.length).fill(null);
    if (single.size > 0)
      names.forEach((name, index) => {
        const path = childPath(directory, name);
        if (single.has(path)) entries[index] = single.get(path);
      });
    const paths: (string | undefined)[] = new Array(names.length).fill(undefined);
    const path = (index: number): string => {
      paths[index] ??= childPath(directory, names[index]!);
      return paths[index];
    };
    const entry = (index: number): TreeEntry | undefined => {
      const known = entries[index];
      if (known !== null) return known;
      const found = tree.lstat(path(index));
      entries[index] = found;
      return found;
    };
    return { names, path, entries, entry };
  }

  function listing(directory: string): Kept {
    let known = listings.get(directory);
    if (!known) {
      known = list(directory);
      listings.set(directory, known);
    }
    return known;
  }

  return {
    ...tree,
    listing,
    readdir: (path) => [...listing(path).names],
    lstat(path) {
      const known = single.get(path);
      if (known || single.has(path)) return known;
      const parent = listings.get(parentPath(path));
      const index = parent && path !== '/' ? place(parent.names, baseName(path)) : -1;
      return index < 0 ? look(path) : parent!.entry(index);
    },
  };
}

/** The place of a name in a sorted list, -1 where it is not in it. */
function place(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = names[middle]!;
    if (there === name) return middle;
    if (there < name) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
