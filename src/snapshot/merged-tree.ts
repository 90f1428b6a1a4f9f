// A read-only view of stacked overlay layers without a mount. Each directory is read once and remembers which layer each
// name comes from; a path reaches the kernel only after every component was found to be a directory of that layer.
import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { invariant } from '../errors.ts';
import { decodeName, encodePath } from '../fs/path-bytes.ts';
import type { Tree } from '../seams.ts';
import { baseName, childPath, parentPath } from '../tree/path.ts';
import { isWhiteout, linkName, treeEntry } from './entry.ts';
import { fileDigest } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';

export interface LayerDirectory {
  /** Absolute host path, in overlay form: whiteouts are character devices 0:0. */
  directory: string;
  /** Clean absolute paths of directories that hide what lower layers have there. */
  opaque: Pick<ReadonlySet<string>, 'has'>;
}

/** Where a name comes from: the topmost layer that has it. */
interface Origin {
  layer: LayerDirectory;
  isDirectory: boolean;
  /** Whether what lower layers have there is seen, too. */
  merges: boolean;
}

type Names = ReadonlyMap<string, Origin>;

/** A tree that another layer can be laid on, which shares what was read of this one. */
export interface MergedTree extends Tree {
  /** Of a directory, sorted by code unit; undefined for anything else. */
  names(path: string): Names | undefined;
}

type Kind = 'dir' | 'whiteout' | 'other';

const noNames: Names = new Map();

/** @param layers topmost first, at least one. */
export function createMergedTree(layers: readonly LayerDirectory[]): MergedTree {
  invariant(layers.length > 0, 'a merged tree needs a layer');
  return layers.reduceRight<MergedTree | undefined>((below, layer) => layOver(below, layer), undefined)!;
}

/** A tree with one more layer: it costs what that layer touches. */
export function layOver(below: MergedTree | undefined, layer: LayerDirectory): MergedTree {
  const directories = new Map<string, Names | undefined>();
  const root: Origin = {
    layer,
    isDirectory: true,
    merges: below !== undefined && !layer.opaque.has('/'),
  };

  const merge = (path: string, lower: Names): Names => {
    const names = new Map(lower);
    let isSorted = true;
    for (const [name, kind] of readKinds(layer.directory + path)) {
      const known = lower.get(name);
      if (kind === 'whiteout') {
        names.delete(name);
        continue;
      }
      const isDirectory = kind === 'dir';
      const merges = isDirectory && known?.isDirectory === true && !layer.opaque.has(childPath(path, name));
      isSorted &&= known !== undefined;
      names.set(name, { layer, isDirectory, merges });
    }
    if (isSorted) return names;
    return new Map([...names.keys()].sort().map((name) => [name, names.get(name)!]));
  };

  const find = (path: string): Origin | undefined =>
    path === '/' ? root : names(parentPath(path))?.get(baseName(path));

  const names = (path: string): Names | undefined => {
    const known = directories.get(path);
    if (known || directories.has(path)) return known;
    const origin = find(path);
    // What this layer does not touch is as it is below.
    if (origin && origin.layer !== layer) return below!.names(path);
    const lower = origin?.merges ? below!.names(path) : noNames;
    const made = origin?.isDirectory ? merge(path, lower ?? noNames) : undefined;
    directories.set(path, made);
    return made;
  };

  const located = (path: string): { layer: LayerDirectory; file: string } => {
    const origin = find(path);
    invariant(origin, `${path} is not in the tree`);
    return { layer: origin.layer, file: origin.layer.directory + path };
  };

  const stat = (file: string): BigIntStats => lstatSync(encodePath(file), { bigint: true });

  return {
    names,
    lstat(path) {
      const origin = find(path);
      if (!origin) return undefined;
      const { directory } = origin.layer;
      const found = stat(directory + path);
      const link = linkName(found);
      return treeEntry(found, link && `${directory}:${link}`);
    },
    readdir: (path) => [...(names(path)?.keys() ?? [])],
    readlink: (path) => decodeName(readlinkSync(encodePath(located(path).file), { encoding: 'buffer' })),
    hostPath: (path) => encodePath(located(path).file),
    contentDigest: (path) => fileDigest(encodePath(located(path).file)),
    xattrs(path) {
      const { file } = located(path);
      return keptXattrs(file, treeEntry(stat(file), '').type);
    },
  };
}

/** Names and what they are to a merge; the file system tells it without a stat, except for devices. */
function* readKinds(directory: string): Generator<[string, Kind]> {
  for (const [name, entry] of readEntries(directory)) {
    if (entry.isDirectory()) yield [name, 'dir'];
    else if (!entry.isCharacterDevice()) yield [name, 'other'];
    else {
      const stat = lstatSync(encodePath(`${directory}/${name}`), { bigint: true });
      yield [name, isWhiteout(stat) ? 'whiteout' : 'other'];
    }
  }
}

function* readEntries(
  directory: string,
): Generator<[string, Pick<Dirent, 'isDirectory' | 'isCharacterDevice'>]> {
  const path = encodePath(directory);
  const entries = readdirSync(path, { withFileTypes: true });
  if (!entries.some((entry) => entry.name.includes('\uFFFD'))) {
    for (const entry of entries) yield [entry.name, entry];
    return;
  }
  // The types that Node declares know no listing with both types and bytes.
  const raw = readdirSync(path, { withFileTypes: true, encoding: 'buffer' as 'utf8' });
  for (const entry of raw) yield [decodeName(entry.name as unknown as Buffer), entry];
}
