// A build context as the builder sees it: what an ignore file leaves out is not there.

import type { Digest } from '../oci/digest.ts';
import type { Tree } from '../seams.ts';
import { type AskableTree, openQuestion } from '../tree/open-question.ts';
import { childPath } from '../tree/path.ts';
import type { Steps } from '../tree/steps.ts';

/** Decides by paths without a leading slash. */
export interface IgnoreMatcher {
  ignores(path: string): boolean;
  /** False where nothing below an ignored directory can be taken in again. */
  mayIncludeBelow(directory: string): boolean;
}

export function createIgnoredTree(tree: Tree, matcher: IgnoreMatcher): AskableTree {
  let shownDirectories = new Map<string, boolean>();

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

  function* alone<T>(steps: Steps<T>): Steps<T> {
    const own = new Map<string, boolean>();
    for (;;) {
      const others = shownDirectories;
      shownDirectories = own;
      let next: IteratorResult<void, T>;
      try {
        next = steps.next();
      } finally {
        shownDirectories = others;
      }
      if (next.done) return next.value;
      yield;
    }
  }

  const { remembered } = tree;
  return {
    ...tree,
    ...(remembered && {
      // Each question looks for itself.
      remembered: (question: string, ask: () => Steps<Digest>) => remembered(question, () => alone(ask())),
    }),
    open(question) {
      const opened = openQuestion(tree, question);
      return opened && { ...opened, look: (work) => opened.look(alone(work)) };
    },
    lstat: (path) => (shown(path) ? tree.lstat(path) : undefined),
    readdir: (path) => (shown(path) ? readdir(path) : []),
  };
}
