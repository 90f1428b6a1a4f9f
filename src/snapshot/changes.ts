// What a step changed, as entries of a layer: read from an overlay's upper directory, or from a whole tree beside its parent.
// The rules are BuildKit's: single whiteouts instead of opaque marks, nothing for what is as it was, parents included.
import { readlinkSync } from 'node:fs';
import { isDirectoryMode, readState } from '../fs/file-state.ts';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import type { Owner } from '../oci/owner.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { childPath, layerPath } from '../tree/path.ts';
import { sameXattrs } from '../tree/same-xattrs.ts';
import { isWhiteoutState, stateEntry } from './entry.ts';
import { sameContent } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';
import { noLinks, ownedChange } from './owned-entry.ts';
import type { TreeStates } from './tree-states.ts';

export interface ChangesOptions {
  /** Host directory that the step wrote to. */
  upper: string;
  /** What the step began with. */
  lower: Tree;
  /** What `upper` holds. */
  form: UpperForm;
  /** Owners of what can't be marked with them, by path. */
  links?: ReadonlyMap<string, Owner> | undefined;
}

export type UpperForm =
  /** What differs; the mark is that of a directory that hides lower ones. */
  | { type: 'overlay'; opaqueXattr: 'trusted.overlay.opaque' | 'user.overlay.opaque' }
  /** A whole tree that lies on top of nothing. `untouched`: what is there is what was there, unchanged. */
  | {
      type: 'whole';
      before: TreeStates;
      after: TreeStates;
      untouched: (path: string) => boolean;
    };

export interface ChangesSummary {
  /** Paths of opaque directories in `upper`. */
  opaque: string[];
  /** Paths in `upper` that add nothing and can be removed from it, in that order. */
  dropped: string[];
}

interface Directory {
  path: string;
  entry: TreeEntry;
}

/** A directory that is being read. */
interface Reading {
  path: string;
  names: readonly string[];
  /** Of the name that comes next. */
  index: number;
  /** Nothing of the lower directory shows through here. */
  replaced: boolean;
  /** Says what to do when all names have been read. */
  end: () => void;
}

/** Yields each entry after its parents, names sorted by code unit; the root itself has no entry. */
export function* readChanges(options: ChangesOptions): Generator<LayerEntry, ChangesSummary> {
  const { upper, lower, form } = options;
  const whole = form.type === 'whole' ? form : undefined;
  const opaque: string[] = [];
  const dropped: string[] = [];
  /** Directories on the way that are as they were, to be told once something below them is not. */
  let pending: Directory[] = [];
  const links = new Map<string, string>();

  /** Found, and not given to the caller yet: an entry with the directories above it that come along, or nothing. */
  let ready: LayerEntry[] = [];
  const reading: Reading[] = [];

  function emit(entry: LayerEntry): void {
    for (const parent of pending) ready.push(directoryEntry(parent));
    pending = [];
    ready.push(entry);
  }

  function readDirectory(path: string, replaced: boolean, end: () => void): void {
    const own = whole ? whole.after.names(path) : readNames(upper + path);
    const names = replaced ? [...new Set([...own, ...lower.readdir(path)])].sort() : own;
    reading.push({ path, names, index: 0, replaced, end });
  }

  function readEntry(path: string, replaced: boolean): void {
    const file = encodePath(upper + path);
    const state = whole ? whole.after.state(path) : readState(file);
    if (state && !isDirectoryMode(state[0]!) && whole?.untouched(path)) return;
    const isThere = state !== undefined;
    // Before anything else is read: the state holds until then.
    const entry =
      state && !isWhiteoutState(state)
        ? ownedChange(stateEntry(state, file), { hostPath: upper + path, path }, options.links ?? noLinks)
        : undefined;
    const below = lower.lstat(path);
    if (!entry || entry.type === 'socket') {
      if (below) emit({ kind: 'whiteout', path: layerPath(path) });
      else if (isThere) dropped.push(path);
    } else if (entry.type === 'dir') {
      readSubdirectory({ path, entry }, below, replaced);
    } else if (below && isSame(path, { entry, below })) {
      if (!replaced) dropped.push(path);
    } else {
      emit(fileEntry(path, entry));
    }
  }

  function readSubdirectory(directory: Directory, below: TreeEntry | undefined, replaced: boolean): void {
    const { path, entry } = directory;
    const merges = below?.type === 'dir';
    const hides = merges && !replaced && isOpaque(path);
    if (hides) opaque.push(path);
    const same = merges && sameOwnerAndMode(entry, below);
    if (same) pending.push(directory);
    else emit(directoryEntry(directory));
    readDirectory(path, replaced || hides, () => {
      if (!same || pending.at(-1) !== directory) return;
      pending.pop();
      if (!replaced) dropped.push(path);
    });
  }

  function isOpaque(path: string): boolean {
    return (
      form.type === 'overlay' &&
      loadSys()
        .getXattr(upper + path, form.opaqueXattr)
        ?.toString() === 'y'
    );
  }

  function isSame(path: string, { entry, below }: { entry: TreeEntry; below: TreeEntry }): boolean {
    if (entry.type !== below.type || !sameOwnerAndMode(entry, below)) return false;
    if (entry.mtime !== below.mtime || entry.size !== below.size) return false;
    if (entry.major !== below.major || entry.minor !== below.minor) return false;
    if (entry.type === 'symlink') return readTarget(path) === lower.readlink(path);
    if (entry.link !== '' && hasNewName(path)) return false;
    if (entry.type !== 'file') return true;
    return (
      sameXattrs(keptXattrs(upper + path, 'file'), lower.xattrs(path)) &&
      (entry.size === 0 || sameContent(encodePath(upper + path), lower.hostPath(path)))
    );
  }

  /** A file with a name more than before must be in the layer, so that the new name can be a link to it. */
  function hasNewName(path: string): boolean {
    // Copying up breaks links: several names in an upper directory are always the step's doing.
    if (!whole) return true;
    return (whole.before.state(path)?.[7] ?? 0) < (whole.after.state(path)?.[7] ?? 0);
  }

  function fileEntry(path: string, stat: TreeEntry): LayerEntry {
    const hardLinkTo = stat.link === '' ? undefined : links.get(stat.link);
    if (stat.link !== '' && hardLinkTo === undefined) links.set(stat.link, layerPath(path));
    const whole = stat.type === 'file' && hardLinkTo === undefined;
    return {
      kind: 'entry',
      path: layerPath(path),
      stat,
      linkTarget: stat.type === 'symlink' ? readTarget(path) : '',
      hardLinkTo,
      xattrs: whole ? keptXattrs(upper + path, 'file') : {},
      content: whole ? upper + path : undefined,
    };
  }

  function readTarget(path: string): string {
    return decodeName(readlinkSync(encodePath(upper + path), { encoding: 'buffer' }));
  }

  readDirectory('/', whole !== undefined, () => {});
  for (let top = reading.at(-1); top; top = reading.at(-1)) {
    const name = top.names[top.index++];
    if (name !== undefined) readEntry(childPath(top.path, name), top.replaced);
    else {
      reading.pop();
      top.end();
    }
    if (ready.length === 0) continue;
    const entries = ready;
    ready = [];
    for (const entry of entries) yield entry;
  }
  return { opaque, dropped };
}

function sameOwnerAndMode(a: TreeEntry, b: TreeEntry): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function directoryEntry({ path, entry }: Directory): LayerEntry {
  return {
    kind: 'entry',
    path: layerPath(path),
    stat: entry,
    linkTarget: '',
    hardLinkTo: undefined,
    xattrs: {},
    content: undefined,
  };
}
