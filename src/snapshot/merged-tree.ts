// A read-only view of stacked overlay layers without a mount. Each directory is read once and remembers which layer each
// name comes from; a path reaches the kernel only after every component was found to be a directory of that layer.
import { invariant } from '../errors.ts';
import type { Tree } from '../seams.ts';
import { baseName, childPath, parentPath } from '../tree/path.ts';
import { createHostFiles, type LayerFiles } from './layer-files.ts';

export interface LayerDirectory {
  /** Absolute host path, in overlay form: whiteouts are character devices 0:0. */
  directory: string;
  /** Clean absolute paths of directories that hide what lower layers have there. */
  opaque: Pick<ReadonlySet<string>, 'has'>;
  /** How its files are read; undefined: as they lie in the directory. */
  files?: LayerFiles | undefined;
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

const noNames: Names = new Map();

const hostFiles = new WeakMap<LayerDirectory, LayerFiles>();

function filesOf(layer: LayerDirectory): LayerFiles {
  let files = layer.files ?? hostFiles.get(layer);
  if (!files) {
    files = createHostFiles(layer.directory);
    hostFiles.set(layer, files);
  }
  return files;
}

/** @param layers topmost first, at least one. */
export function createMergedTree(layers: readonly LayerDirectory[]): MergedTree {
  invariant(layers.length > 0, 'a merged tree needs a layer');
  return layers.reduceRight<MergedTree | undefined>((below, layer) => layOver(below, layer), undefined)!;
}

/** A tree with one more layer: it costs what that layer touches. */
export function layOver(below: MergedTree | undefined, layer: LayerDirectory): MergedTree {
  const directories = new Map<string, Names | undefined>();
  const files = filesOf(layer);
  const root: Origin = {
    layer,
    isDirectory: true,
    merges: below !== undefined && !layer.opaque.has('/'),
  };

  const merge = (path: string, lower: Names): Names => {
    const names = new Map(lower);
    let isSorted = true;
    for (const [name, kind] of files.kinds(path)) {
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

  const located = (path: string): LayerFiles => {
    const origin = find(path);
    invariant(origin, `${path} is not in the tree`);
    return filesOf(origin.layer);
  };

  return {
    names,
    lstat: (path) => {
      const origin = find(path);
      return origin && filesOf(origin.layer).lstat(path);
    },
    readdir: (path) => [...(names(path)?.keys() ?? [])],
    readlink: (path) => located(path).readlink(path),
    hostPath: (path) => located(path).hostPath(path),
    contentDigest: (path) => located(path).contentDigest(path),
    digestInSteps: (path) => located(path).digestInSteps(path),
    xattrs: (path) => located(path).xattrs(path),
  };
}
