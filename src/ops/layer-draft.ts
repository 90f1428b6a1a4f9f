// A layer that is being put together on top of a tree: later additions see earlier ones, parents come along.
import { SlipwayError } from '../errors.ts';
import { decodeName, pathBytes } from '../fs/path-bytes.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { directoryEntry, type MadeDirectory, plainDirectory } from '../tree/directory-entry.ts';
import { ancestors, baseName, layerPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { sameAsBase } from './same-as-base.ts';

type Entry = Extract<LayerEntry, { kind: 'entry' }>;

/** What is added. */
export type DraftEntry = Omit<Entry, 'kind' | 'path' | 'hardLinkTo' | 'source'> & {
  /** Where a file's content is found in the end, in place of `content` and `source`. */
  origin?: { tree: Tree; path: string } | undefined;
  /** Entries with the same one are one file under several names. */
  group?: string | undefined;
};

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
  /** Sets the time of a directory; `now` where no time is given. */
  touch(path: string, time?: bigint): void;
  /** Without what the base has the same of; sorted, with the directories above each entry; to be gone through once, and in the end: the draft lets go of what it has given. */
  entries(): Iterable<LayerEntry>;
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
    if (isTooLong(baseName(path))) {
      throw new SlipwayError('ERR_COPY', `${JSON.stringify(path)} has a name of more than 255 bytes`, {
        hint: 'choose a shorter name: no file system could hold this one',
      });
    }
    const isDirectory = entry.stat.type === 'dir';
    // Something else in the place of a directory: what was added below it goes.
    if (!isDirectory && added.get(path)?.stat.type === 'dir') {
      for (const other of [...added.keys()]) if (other.startsWith(`${path}/`)) added.delete(other);
      fresh.clear();
    }
    if (!isDirectory && standing.has(path)) standing.clear();
    const there = isDirectory ? lstat(path) : undefined;
    if (isDirectory && there?.type !== 'dir') fresh.add(path);
    if (there?.type !== 'dir') touched.set(parentPath(path), now);
    added.set(path, entry);
  };
  const plain = { linkTarget: '', xattrs: {}, content: undefined };

  /** A file or link of the base as an entry of the layer. */
  function lifted(path: string): DraftEntry | undefined {
    const stat = base?.lstat(path);
    if (!base || !stat || stat.type === 'dir') return undefined;
    if (stat.type === 'symlink') return { ...plain, stat, linkTarget: base.readlink(path) };
    return {
      ...plain,
      stat,
      xattrs: base.xattrs(path),
      content: stat.type === 'file' ? hostText(base, path) : undefined,
    };
  }

  /** Gives names of one file after the first the name of the first. */
  function* linked(sorted: readonly string[]): Generator<LayerEntry> {
    const first = new Map<string, string>();
    for (const at of sorted) {
      const { group, origin, stat, linkTarget, xattrs, content } = added.get(at)!;
      added.delete(at);
      const path = layerPath(at);
      const hardLinkTo = group === undefined ? undefined : first.get(group);
      if (group !== undefined && hardLinkTo === undefined) first.set(group, path);
      const bytes = origin && hardLinkTo === undefined ? hostText(origin.tree, origin.path) : content;
      yield {
        kind: 'entry',
        path,
        stat,
        linkTarget,
        xattrs,
        content: bytes,
        hardLinkTo,
        source: origin?.path,
      };
    }
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
    touch(path, time = now) {
      const own = added.get(path);
      if (own) added.set(path, { ...own, stat: { ...own.stat, mtime: time } });
      touched.set(path, time);
    },
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
      const isNew = (path: string): boolean => fresh.has(path) || fresh.has(parentPath(path));
      if (base) for (const path of sameAsBase(added, base, isNew)) added.delete(path);
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

/** Host paths of entries are texts, with bytes that are no UTF-8 escaped. */
function hostText(tree: Tree, path: string): string {
  const host = tree.hostPath(path);
  return typeof host === 'string' ? host : decodeName(host);
}

const longestName = 255;

/** No unit of UTF-16 takes more than three bytes. */
const isTooLong = (name: string): boolean =>
  name.length * 3 > longestName && pathBytes(name).length > longestName;

/** Directories before what they hold, names by code unit: `/a/b` before `/a-b`. Most come in that order, which makes it quick. */
function byComponent(paths: string[]): string[] {
  return paths.sort(compare);
}

const slash = 0x2f;

function compare(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return x === slash ? -1 : y === slash ? 1 : x - y;
  }
  return a.length - b.length;
}
