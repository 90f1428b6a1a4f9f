// A tree as it was recorded: what lstat and readdir say is remembered, what is in the files comes from where they still are.
import { isDirectoryMode } from '../fs/file-state.ts';
import type { Tree } from '../seams.ts';
import { stateEntry } from './entry.ts';
import { fileDigest } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';
import { ownedEntry } from './owned-entry.ts';
import type { TreeStates } from './tree-states.ts';

export interface RecordedTree extends Tree {
  /** Where files are looked into from now on. */
  readFrom(tree: Tree): void;
  /** Host path of a copy of one file, which is looked into instead. */
  readonly copies: Map<string, string>;
}

/** @param contents Files of the same names and content. @param directory where owners are remembered, if they are */
export function createRecordedTree(states: TreeStates, contents: Tree, directory: string): RecordedTree {
  let files = contents;
  const copies = new Map<string, string>();
  return {
    copies,
    readFrom(tree) {
      files = tree;
    },
    lstat(path) {
      const state = states.state(path);
      return state && ownedEntry(stateEntry(state, undefined), directory + path);
    },
    readdir: (path) => (isDirectoryMode(states.state(path)?.[0] ?? 0) ? [...states.names(path)] : []),
    readlink: (path) => files.readlink(path),
    hostPath: (path) => copies.get(path) ?? files.hostPath(path),
    contentDigest(path) {
      const copy = copies.get(path);
      return copy === undefined ? files.contentDigest(path) : fileDigest(copy);
    },
    xattrs(path) {
      const copy = copies.get(path);
      return copy === undefined ? files.xattrs(path) : keptXattrs(copy, 'file');
    },
  };
}
