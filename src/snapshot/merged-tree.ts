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
  opaque: ReadonlySet<string>;
}

/** Where a name comes from: the topmost layer that has it, and for a directory all the layers that it merges. */
interface Origin {
  layer: number;
  layers: number[] | undefined;
  /** Whether lower layers may still add to it; of use only while a directory is being merged. */
  open: boolean;
}

type Kind = 'dir' | 'whiteout' | 'other';

/** @param layers topmost first, at least one. */
export function createMergedTree(layers: readonly LayerDirectory[]): Tree {
  invariant(layers.length > 0, 'a merged tree needs a layer');
  const directories = new Map<string, Map<string, Origin> | undefined>();
  const cut = layers.findIndex((layer) => layer.opaque.has('/'));
  const root: Origin = {
    layer: 0,
    layers: layers.slice(0, cut < 0 ? layers.length : cut + 1).map((_, index) => index),
    open: false,
  };

  const host = (layer: number, path: string): string => layers[layer]!.directory + path;

  const merge = (path: string, from: readonly number[]): Map<string, Origin> => {
    const names = new Map<string, Origin | undefined>();
    for (const layer of from) {
      for (const [name, kind] of readKinds(host(layer, path))) {
        const known = names.get(name);
        if (known === undefined) {
          if (names.has(name)) continue;
          if (kind === 'whiteout') names.set(name, undefined);
          else if (kind === 'other') names.set(name, { layer, layers: undefined, open: false });
          else
            names.set(name, {
              layer,
              layers: [layer],
              open: !layers[layer]!.opaque.has(childPath(path, name)),
            });
        } else if (known.open) {
          if (kind === 'dir') known.layers!.push(layer);
          known.open = kind === 'dir' && !layers[layer]!.opaque.has(childPath(path, name));
        }
      }
    }
    const sorted = new Map<string, Origin>();
    for (const name of [...names.keys()].sort()) {
      const origin = names.get(name);
      if (origin) sorted.set(name, origin);
    }
    return sorted;
  };

  const find = (path: string): Origin | undefined =>
    path === '/' ? root : namesOf(parentPath(path))?.get(baseName(path));

  const namesOf = (path: string): Map<string, Origin> | undefined => {
    if (directories.has(path)) return directories.get(path);
    const origins = find(path)?.layers;
    const names = origins && merge(path, origins);
    directories.set(path, names);
    return names;
  };

  const located = (path: string): { layer: number; file: string } => {
    const origin = find(path);
    invariant(origin, `${path} is not in the tree`);
    return { layer: origin.layer, file: host(origin.layer, path) };
  };

  const stat = (file: string): BigIntStats => lstatSync(encodePath(file), { bigint: true });

  return {
    lstat(path) {
      const origin = find(path);
      if (!origin) return undefined;
      const found = stat(host(origin.layer, path));
      const link = linkName(found);
      return treeEntry(found, link && `${origin.layer}:${link}`);
    },
    readdir: (path) => [...(namesOf(path)?.keys() ?? [])],
    readlink: (path) => decodeName(readlinkSync(encodePath(located(path).file), { encoding: 'buffer' })),
    hostPath: (path) => encodePath(located(path).file),
    contentDigest(path) {
      const { file } = located(path);
      return fileDigest(encodePath(file));
    },
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
