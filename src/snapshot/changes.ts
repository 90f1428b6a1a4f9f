// What a step changed, as entries of a layer: read from an overlay's upper directory, or from a whole tree beside its parent.
// The rules are BuildKit's: single whiteouts instead of opaque marks, nothing for what is as it was, parents included.
import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { childPath, layerPath } from '../tree/path.ts';
import { isWhiteout, linkName, treeEntry } from './entry.ts';
import { sameContent } from './file-content.ts';
import { keptXattrs, sameXattrs } from './kept-xattrs.ts';

export interface ChangesOptions {
  /** Host directory that the step wrote to. */
  upper: string;
  /** What the step began with. */
  lower: Tree;
  /** The mark of a directory that hides lower ones; undefined where `upper` is a whole tree that lies on top of nothing. */
  opaqueXattr: 'trusted.overlay.opaque' | 'user.overlay.opaque' | undefined;
  /** Whether a file cannot have been written since the step began: content is not compared then. */
  untouched?: ((stat: BigIntStats) => boolean) | undefined;
}

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

/** Yields each entry after its parents, names sorted by code unit; the root itself has no entry. */
export function* readChanges(options: ChangesOptions): Generator<LayerEntry, ChangesSummary> {
  const { upper, lower, opaqueXattr } = options;
  const opaque: string[] = [];
  const dropped: string[] = [];
  /** Directories on the way that are as they were, to be told once something below them is not. */
  let pending: Directory[] = [];
  const links = new Map<string, string>();

  function* emit(entry: LayerEntry): Generator<LayerEntry> {
    const parents = pending;
    pending = [];
    for (const parent of parents) yield directoryEntry(parent);
    yield entry;
  }

  /** @param replaced whether nothing of the lower directory shows through here. */
  function* readDirectory(path: string, replaced: boolean): Generator<LayerEntry> {
    const names = readNames(upper + path);
    const all = replaced ? [...new Set([...names, ...lower.readdir(path)])].sort() : names;
    for (const name of all) yield* readEntry(childPath(path, name), replaced);
  }

  function* readEntry(path: string, replaced: boolean): Generator<LayerEntry> {
    const stat = lstatSync(encodePath(upper + path), { bigint: true, throwIfNoEntry: false });
    const below = lower.lstat(path);
    const entry = stat && treeEntry(stat, linkName(stat));
    if (!stat || !entry || isWhiteout(stat) || entry.type === 'socket') {
      if (below) yield* emit({ kind: 'whiteout', path: layerPath(path) });
      else if (stat) dropped.push(path);
    } else if (entry.type === 'dir') {
      yield* readSubdirectory({ path, entry }, below, replaced);
    } else if (below && isSame(path, { stat, entry, below })) {
      if (!replaced) dropped.push(path);
    } else {
      yield* emit(fileEntry(path, entry));
    }
  }

  function* readSubdirectory(
    directory: Directory,
    below: TreeEntry | undefined,
    replaced: boolean,
  ): Generator<LayerEntry> {
    const { path, entry } = directory;
    const merges = below?.type === 'dir';
    const hides = merges && !replaced && isOpaque(path);
    if (hides) opaque.push(path);
    const same = merges && sameOwnerAndMode(entry, below);
    if (same) pending.push(directory);
    else yield* emit(directoryEntry(directory));
    yield* readDirectory(path, replaced || hides);
    if (!same || pending.at(-1) !== directory) return;
    pending.pop();
    if (!replaced) dropped.push(path);
  }

  function isOpaque(path: string): boolean {
    return (
      opaqueXattr !== undefined &&
      loadSys()
        .getXattr(upper + path, opaqueXattr)
        ?.toString() === 'y'
    );
  }

  function isSame(path: string, file: { stat: BigIntStats; entry: TreeEntry; below: TreeEntry }): boolean {
    const { stat, entry, below } = file;
    if (entry.type !== below.type || !sameOwnerAndMode(entry, below)) return false;
    if (entry.mtime !== below.mtime || entry.size !== below.size) return false;
    if (entry.major !== below.major || entry.minor !== below.minor) return false;
    if (entry.type === 'symlink') return readTarget(path) === lower.readlink(path);
    if (entry.link !== '' && hasNewName(path, stat)) return false;
    if (entry.type !== 'file' || options.untouched?.(stat)) return true;
    return (
      sameXattrs(keptXattrs(upper + path, 'file'), lower.xattrs(path)) &&
      (entry.size === 0 || sameContent(encodePath(upper + path), lower.hostPath(path)))
    );
  }

  /** A file with a name more than before must be in the layer, so that the new name can be a link to it. */
  function hasNewName(path: string, stat: BigIntStats): boolean {
    // Copying up breaks links: several names in an upper directory are always the step's doing.
    if (opaqueXattr !== undefined) return true;
    return lstatSync(lower.hostPath(path), { bigint: true }).nlink < stat.nlink;
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

  yield* readDirectory('/', opaqueXattr === undefined);
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
