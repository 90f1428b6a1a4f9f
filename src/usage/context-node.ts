// All files of a context as nodes, with what the ignore file says of each: those that are left out, too.
import type { IgnoreMatcher } from '../dockerfile/ignore.ts';
import { SlipwayError } from '../errors.ts';
import type { Tree, TreeEntry } from '../seams.ts';
import { childPath } from '../tree/path.ts';
import type { Steps } from '../tree/steps.ts';

/** What a node and all below it come to. Directories are no files; a file with several names counts under each. */
export interface Figures {
  readonly files: number;
  readonly bytes: number;
}

export interface ContextNode {
  name: string;
  /** Absolute in the context: `/` is its root. */
  path: string;
  entry: TreeEntry;
  /** Sorted by name; empty where it is no directory. */
  children: readonly ContextNode[];
  /** The place of the pattern that decides, -1 where none matches. */
  decider: number;
  /** What that pattern says: a directory may be shown all the same, for what is below it. */
  ignored: boolean;
  /** A build sees it. */
  shown: boolean;
  /** Places of the steps that read it, in their order. */
  readers: readonly number[];
  /** A step asks for all names in it: what is new in it would be seen. */
  listed: boolean;
  /** It has to be there, though no step reads it. */
  needed: boolean;
  /** It is read or needed, or something below it is: known once figures are added up. */
  used: boolean;
  kept: Figures;
  leftOut: Figures;
  /** Of what is kept: what no step reads. */
  unused: Figures;
}

export interface ContextListing {
  root: ContextNode;
  /** Directories that can't be read. */
  unreadable: string[];
}

type Deciding = Pick<IgnoreMatcher, 'decider' | 'mayIncludeBelow'> & { negated: readonly boolean[] };

// Shared by all nodes that have none: there may be hundreds of thousands.
const nothing: Figures = { files: 0, bytes: 0 };
const nobody: readonly number[] = [];
const noChildren: readonly ContextNode[] = [];

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');

/**
 * Looks at each path once. Sockets are no part of a context.
 * @param rules undefined: nothing is left out. @throws ERR_CONTEXT where there is no root
 */
export function* listContext(tree: Tree, rules: Deciding | undefined): Steps<ContextListing> {
  const unreadable: string[] = [];

  function namesIn(path: string): string[] {
    try {
      return tree.readdir(path);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      unreadable.push(path);
      return [];
    }
  }

  /** `settled`: what decides about all that is below a directory that nothing is taken back from. */
  function* visit(path: string, name: string, settled: number | undefined): Steps<ContextNode | undefined> {
    const entry = tree.lstat(path);
    if (!entry || entry.type === 'socket') return undefined;
    const relative = path.slice(1);
    const decider = path === '/' ? -1 : (settled ?? rules?.decider(relative) ?? -1);
    const ignored = decider >= 0 && !rules!.negated[decider];
    let children = noChildren;
    if (entry.type === 'dir') {
      yield;
      const list: ContextNode[] = [];
      const below = ignored && (settled !== undefined || !rules!.mayIncludeBelow(relative));
      for (const child of namesIn(path)) {
        const found = yield* visit(childPath(path, child), child, below ? decider : undefined);
        if (found) list.push(found);
      }
      children = list;
    }
    const shown = !ignored || children.some((child) => child.shown);
    return {
      name,
      path,
      entry,
      children,
      decider,
      ignored,
      shown,
      readers: nobody,
      listed: false,
      needed: false,
      used: false,
      kept: nothing,
      leftOut: nothing,
      unused: nothing,
    };
  }

  const root = yield* visit('/', '', undefined);
  if (root) return { root, unreadable };
  throw new SlipwayError('ERR_CONTEXT', 'the build context is gone', { hint: 'is its folder still there?' });
}

function addTo(sum: { files: number; bytes: number }, { files, bytes }: Figures): void {
  sum.files += files;
  sum.bytes += bytes;
}

/** Adds up what each directory comes to, once it is known who reads what. */
export function addUp(node: ContextNode): void {
  node.used = node.readers.length > 0 || node.needed;
  if (node.entry.type !== 'dir') {
    const figures: Figures = { files: 1, bytes: node.entry.size };
    if (!node.shown) node.leftOut = figures;
    else {
      node.kept = figures;
      if (node.readers.length === 0) node.unused = figures;
    }
    return;
  }
  const kept = { files: 0, bytes: 0 };
  const leftOut = { files: 0, bytes: 0 };
  const unused = { files: 0, bytes: 0 };
  for (const child of node.children) {
    addUp(child);
    if (child.shown && child.used) node.used = true;
    addTo(kept, child.kept);
    addTo(leftOut, child.leftOut);
    addTo(unused, child.unused);
  }
  node.kept = kept;
  node.leftOut = leftOut;
  node.unused = unused;
}
