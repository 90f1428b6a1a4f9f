// The content of a cache mount as layers: what is in it by name, and tars of all of it or of what changed. Steps of other builds
// may be writing to it.
import { treeEntries } from '../export/files.ts';
import { packLayer } from '../layer/tar-writer.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { LayerEntry } from '../seams.ts';
import { createLiveTree } from '../snapshot/live-tree.ts';
import { layerPath } from '../tree/path.ts';
import { walkTree } from '../tree/walk.ts';

/** What is at a path (`a/b`, as layers write it), in a word: another word means that it changed. */
export type MountList = ReadonlyMap<string, string>;

/** Whole seconds, as layers have them; a directory's own time says nothing. */
export function listMount(folder: string): MountList {
  using tree = createLiveTree(folder);
  const list = new Map<string, string>();
  for (const { path, entry } of walkTree(tree, '/')) {
    if (path === '/' || entry.type === 'socket') continue;
    const { type, mode, uid, gid, size, mtime, major, minor } = entry;
    const what = {
      file: () => `${size} ${mtime / 1_000_000_000n}`,
      symlink: () => tree.readlink(path),
      char: () => `${major} ${minor}`,
      block: () => `${major} ${minor}`,
      dir: () => '',
      fifo: () => '',
    }[type]();
    list.set(layerPath(path), `${type} ${mode.toString(8)} ${uid} ${gid} ${what}`);
  }
  return list;
}

/** Equal for folders with equal lists. */
export function shapeOf(list: MountList): Digest {
  return digestOf([...list].map(([path, what]) => `${path}\0${what}\n`).join(''));
}

/** The whole folder as a tar; with `before`, what to do to a folder with that list to make it this one. */
export async function* packMount(
  folder: string,
  list: MountList,
  { before, signal }: { before?: MountList | undefined; signal: AbortSignal },
): AsyncGenerator<Buffer> {
  using tree = createLiveTree(folder);
  const entries = treeEntries(tree, signal);
  const { within } = tree;
  yield* packLayer(before ? changesIn([...entries], list, before) : entries, { signal, within });
}

/** Names of one file go together: an unpacked one would lose those that stay behind. */
function* changesIn(all: readonly LayerEntry[], list: MountList, before: MountList): Generator<LayerEntry> {
  const groupOf = (entry: LayerEntry): string =>
    (entry.kind === 'entry' ? entry.hardLinkTo : undefined) ?? entry.path;
  const changed = new Set(all.filter(({ path }) => before.get(path) !== list.get(path)).map(groupOf));
  const gone = [...before.keys()].filter((path) => !list.has(path));
  const isBelow = (path: string, folders: ReadonlySet<string>): boolean => {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      if (folders.has(path.slice(0, end))) return true;
    return false;
  };
  const removed = new Set(gone);
  for (const path of gone) if (!isBelow(path, removed)) yield { kind: 'whiteout', path };
  for (const entry of all) if (changed.has(groupOf(entry))) yield entry;
}
