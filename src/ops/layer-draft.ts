// A layer that is being put together on top of a tree: later additions see earlier ones, parents come along.
import { SlipwayError } from '../errors.ts';
import { decodeName, pathBytes } from '../fs/path-bytes.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { directoryEntry, type MadeDirectory, plainDirectory } from '../tree/directory-entry.ts';
import { ancestors, baseName, layerPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';

type Entry = Extract<LayerEntry, { kind: 'entry' }>;

/** What is added; entries with the same `group` are one file under several names. */
export type DraftEntry = Omit<Entry, 'kind' | 'path' | 'hardLinkTo'> & { group?: string | undefined };

export interface LayerDraft {
  /** What is at `path` now: added here, or below. */
  lstat(path: string): TreeEntry | undefined;
  /** Follows links of the tree and of the draft. */
  resolve(path: string, options: { followLast: boolean }): string;
  /** Adds or replaces; the directories above must be there (makeDirectories). */
  add(path: string, entry: DraftEntry): void;
  /** Makes `path` and what is missing above it. @throws ERR_COPY where something else is in the way. */
  makeDirectories(path: string, made: MadeDirectory): void;
  /** Makes `path` another name of the file at `target`, which takes over `owner`; false where there is no such file. */
  link(path: string, target: string, owner: (stat: TreeEntry) => TreeEntry): boolean;
  /** Sets the time of a directory of the base; `now` where no time is given. */
  touch(path: string, time?: bigint): void;
  /** Sorted, with the directories above each entry. */
  entries(): LayerEntry[];
}

/**
 * @param base undefined: an empty root.
 * @param now the time, in nanoseconds, of directories of the base that get a new entry, as a kernel would set it.
 */
export function createLayerDraft(base: Tree | undefined, now: bigint): LayerDraft {
  const added = new Map<string, DraftEntry>();
  const touched = new Map<string, bigint>();
  /** Directories that the base does not have: nothing of it is below them. */
  const fresh = new Set<string>();
  /** Directories that are there, and all above them. */
  const standing = new Set<string>();
  const lstat = (path: string): TreeEntry | undefined => {
    const own = added.get(path);
    if (own) return own.stat;
    if (path === '/' && !base) return plainDirectory;
    return fresh.has(parentPath(path)) ? undefined : base?.lstat(path);
  };
  const view: Pick<Tree, 'lstat' | 'readlink'> = {
    lstat,
    readlink: (path) => added.get(path)?.linkTarget ?? base!.readlink(path),
  };
  const put = (path: string, entry: DraftEntry): void => {
    if (path === '/') return;
    if (pathBytes(baseName(path)).length > 255) {
      throw new SlipwayError('ERR_COPY', `${JSON.stringify(path)} has a name of more than 255 bytes`, {
        hint: 'choose a shorter name: no file system could hold this one',
      });
    }
    // Something else in the place of a directory: what was added below it goes.
    if (entry.stat.type !== 'dir' && added.get(path)?.stat.type === 'dir') {
      for (const other of [...added.keys()]) if (other.startsWith(`${path}/`)) added.delete(other);
      fresh.clear();
    }
    const isDirectory = entry.stat.type === 'dir';
    if (!isDirectory && standing.has(path)) standing.clear();
    const there = isDirectory ? lstat(path) : undefined;
    if (isDirectory && !there) fresh.add(path);
    if (there?.type !== 'dir') touched.set(parentPath(path), now);
    added.set(path, entry);
  };
  const plain = { linkTarget: '', xattrs: {}, content: undefined };

  /** A file or link of the base as an entry of the layer. */
  function lifted(path: string): DraftEntry | undefined {
    const stat = base?.lstat(path);
    if (!base || !stat || stat.type === 'dir') return undefined;
    if (stat.type === 'symlink') return { ...plain, stat, linkTarget: base.readlink(path) };
    return { ...plain, stat, xattrs: base.xattrs(path), content: contentPath(base, path, stat) };
  }

  /** Gives names of one file after the first the name of the first. */
  function linked(sorted: readonly string[]): LayerEntry[] {
    const first = new Map<string, string>();
    return sorted.map((path) => {
      const { group, ...entry } = added.get(path)!;
      const hardLinkTo = group === undefined ? undefined : first.get(group);
      if (group !== undefined && hardLinkTo === undefined) first.set(group, layerPath(path));
      return { kind: 'entry', path: layerPath(path), ...entry, hardLinkTo };
    });
  }

  return {
    lstat,
    resolve: (path, options) => resolvePath(view as Tree, path, options),
    add: put,
    makeDirectories(path, made) {
      if (standing.has(path)) return;
      for (const at of [...ancestors(path), path]) {
        const there = lstat(at);
        if (!there) put(at, { stat: directoryEntry(made), ...plain });
        else if (there.type !== 'dir') {
          throw new SlipwayError('ERR_COPY', `cannot copy to ${path}: ${at} is not a directory`, {
            hint: 'choose another destination, or remove that file in an earlier step',
          });
        }
        standing.add(at);
      }
    },
    touch: (path, time = now) => void touched.set(path, time),
    link(path, target, owner) {
      const file = added.get(target) ?? lifted(target);
      if (!file || file.stat.type === 'dir') return false;
      if (file.stat.type === 'symlink') {
        put(path, { ...file, stat: { ...owner(file.stat), mode: file.stat.mode } });
        return true;
      }
      const group = file.group ?? `link ${target}`;
      const same = { ...file, stat: owner(file.stat), group };
      for (const [other, entry] of added) if (entry.group === group) added.set(other, same);
      put(target, same);
      put(path, same);
      return true;
    },
    entries() {
      const whole = new Set<string>();
      for (const path of [...added.keys()]) {
        const directory = parentPath(path);
        if (whole.has(directory)) continue;
        whole.add(directory);
        for (const parent of ancestors(path)) {
          if (added.has(parent)) continue;
          const stat = lstat(parent)!;
          const mtime = touched.get(parent) ?? stat.mtime;
          put(parent, { stat: { ...stat, mtime }, ...plain, xattrs: base?.xattrs(parent) ?? {} });
        }
      }
      return linked(byComponent([...added.keys()]));
    },
  };
}

/** Where a file's bytes are, if it has some: host paths of entries are texts, with bytes that are no UTF-8 escaped. */
export function contentPath(tree: Tree, path: string, stat: TreeEntry): string | undefined {
  if (stat.type !== 'file') return undefined;
  const host = tree.hostPath(path);
  return typeof host === 'string' ? host : decodeName(host);
}

/** Directories before what they hold, names by code unit: `/a/b` before `/a-b`. */
function byComponent(paths: string[]): string[] {
  // The sort without a function of one's own goes by code unit, and is the fastest.
  const keys = paths.map((path) => path.replaceAll('/', '\0')).sort();
  return keys.map((key) => key.replaceAll('\0', '/'));
}
