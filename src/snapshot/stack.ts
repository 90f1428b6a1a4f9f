// Snapshots as stacks that overlayfs merges: each layer is made readable once, a step writes to an upper directory. How a layer
// becomes readable is its caller's: unpacked, or mounted as it is.
import { isSlipwayError } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Lease } from '../fs/lease.ts';
import { withLock } from '../fs/lock.ts';
import { loadSys } from '../fs/sys.ts';
import { type ChainID, type DiffID, digestOf } from '../oci/digest.ts';
import type { Owner } from '../oci/owner.ts';
import type { ActiveSnapshot, Layer, LiveSnapshot, RootImage, Snapshotter, Tree } from '../seams.ts';
import { createActiveSnapshot } from './active-snapshot.ts';
import { type ChainRecord, createChainStore, emptyLayers, type WorkingDirectory } from './chain-store.ts';
import { readChanges } from './changes.ts';
import { createHostFiles, type LayerFiles } from './layer-files.ts';
import { createMergedTree, layOver, type MergedTree } from './merged-tree.ts';
import { setRootMetadata } from './root-metadata.ts';

export interface StackOptions {
  /** Absolute; everything of the snapshotter is below it, on one file system. */
  directory: string;
  /** Keeps what is used from being deleted. */
  lease?: Pick<Lease, 'use'> | undefined;
  /** Told of a layer whose files, or index, can't be used: they are made anew. */
  onDamage?: ((diffID: DiffID) => void) | undefined;
  /** For mounts inside a user namespace, where trusted.* attributes are out of reach. */
  userxattr?: boolean | undefined;
  /**
   * Steps write without syncing, also where they ask for it: 13 times faster for programs that sync each file. A step's
   * root can then be mounted only once. Linux 5.10.
   */
  volatile?: boolean | undefined;
  /** Told of layers that will be opened one after the other, so that they are fetched at the same time. */
  prefetch?: ((layers: readonly Layer[], signal: AbortSignal) => void) | undefined;
}

/** How layers become readable. */
export interface StackForm {
  name: string;
  /** Puts layers, one on the other, into an empty directory that has the metadata of the root below: one, where nothing is joined. */
  add(
    layers: readonly StackedLayer[],
    directory: string,
    options: { overlayXattr: 'trusted.overlay' | 'user.overlay'; signal: AbortSignal },
  ): Promise<Pick<ChainRecord, 'opaque' | 'form' | 'owners' | 'checksum'>>;
  /** Where the files of what was kept in `directory` are; undefined: there. Fails where they can't be shown: then they are made once more. */
  locate(
    layers: readonly StackedLayer[],
    kept: { id: ChainID; record: ChainRecord; directory: string },
    signal: AbortSignal,
  ): Promise<string | LocatedImage | undefined>;
  /** What was located is located anew. */
  refresh?(): void;
  /** Whether a layer can be joined with others, so that a long stack has fewer directories to look into. */
  joins(record: ChainRecord): boolean;
}

/** What is mounted by each step on the directory that it was kept in, and how its files are read without that. */
export interface LocatedImage {
  image: Omit<RootImage, 'folder'>;
  files: LayerFiles;
}

export interface StackedLayer {
  layer: Layer;
  /** What is below it. */
  parent: Tree;
}

/** A layer in its place. */
interface Kept {
  stacked: StackedLayer;
  record: ChainRecord;
  /** Absolute. */
  directory: string;
  /** The directory as a mount's options name it. */
  lower: string;
  located: LocatedImage | undefined;
}

/** What a step can lie on. */
interface Stack {
  /** Topmost first. */
  lowers: readonly string[];
  /** What is to be mounted on some of them. */
  images: readonly RootImage[];
  tree: MergedTree;
}

/** A stack whose layers have names. */
interface Opened extends Stack {
  id: ChainID | undefined;
  /** Lowest first. */
  kept: readonly Kept[];
}

/** With more members than this, looking for a name that is not there takes many times as long. */
const longStack = 20;
const groupSize = 16;

/** The kernel refuses userxattr together with redirect_dir=off; nofollow makes and follows no redirects either. */
const mountOptions = (userxattr: boolean): string[] => [
  'metacopy=off',
  ...(userxattr ? ['redirect_dir=nofollow', 'userxattr'] : ['redirect_dir=off']),
  'index=off',
  'xino=off',
];

/** Undefined where the files say of themselves whose they are. */
function ownedFiles(directory: string, { owners }: ChainRecord): LayerFiles | undefined {
  if (owners === undefined) return undefined;
  const links = Object.entries(owners).map(([path, [uid, gid]]) => [path, { uid, gid }] as const);
  return createHostFiles(directory, new Map(links));
}

/** Where overlayfs can be mounted (`probeOverlay`). */
export function createStackSnapshotter(options: StackOptions, form: StackForm): Snapshotter {
  const store = createChainStore(options.directory, options.lease, options.onDamage);
  const overlayXattr = options.userxattr ? 'user.overlay' : 'trusted.overlay';
  const flags = mountOptions(options.userxattr ?? false);
  const stacks = new Map<ChainID, WeakRef<Opened>>();

  /** The directories of a stack, topmost first; an opaque root cuts it off. */
  const lowersOf = (layers: readonly Kept[]): Pick<Stack, 'lowers' | 'images'> => {
    const top = layers.findLastIndex(({ record }) => record.opaque.includes('/'));
    const seen = layers.slice(Math.max(0, top)).reverse();
    const images = seen.flatMap(({ lower, located }) =>
      located ? [{ ...located.image, folder: lower }] : [],
    );
    return { lowers: seen.map(({ lower }) => lower), images };
  };

  const bare = (): Opened => {
    const directory = `${store.layers}/${emptyLayers[0]}`;
    const tree = createMergedTree([{ directory, opaque: new Set<string>() }]);
    return { id: undefined, kept: [], lowers: [], images: [], tree };
  };

  const add = async (
    id: ChainID,
    layers: readonly StackedLayer[],
    signal: AbortSignal,
  ): Promise<ChainRecord> => {
    const working = store.begin();
    try {
      setRootMetadata(working.upper, layers[0]!.parent.lstat('/')!);
      const made = await form.add(layers, working.upper, { overlayXattr, signal });
      return store.keep(working, id, { diffID: layers.at(-1)!.layer.diffID, ...made });
    } catch (error) {
      store.discard(working);
      throw error;
    }
  };

  /** What is kept under a name; made where it is missing. */
  const obtain = async (id: ChainID, layers: readonly StackedLayer[], signal: AbortSignal): Promise<Kept> => {
    const addOnce = async () => store.lookup(id) ?? (await add(id, layers, signal));
    const find = async () => store.lookup(id) ?? (await withLock(store.lockFile(id), signal, addOnce));
    const settled = async (): Promise<ChainRecord> => {
      let record = await find();
      while (!(await store.settle(id))) {
        // A prune came between.
        record = await find();
      }
      return record;
    };
    const locate = (record: ChainRecord) =>
      form.locate(layers, { id, record, directory: store.layerPath(record.dir) }, signal);
    let record = await settled();
    const found = await locate(record).catch(async (error: unknown) => {
      signal.throwIfAborted();
      // What can't be had is made anew by the steps; what lies here is made once more of what is there.
      if (isSlipwayError(error) && error.code !== 'ERR_STORE') throw error;
      store.forget(id);
      record = await settled();
      return locate(record);
    });
    const directory = store.layerPath(record.dir);
    const elsewhere = typeof found === 'string' ? found : undefined;
    const located = typeof found === 'object' ? found : undefined;
    const lower = elsewhere ?? String(record.dir);
    return { stacked: layers.at(-1)!, record, directory: elsewhere ?? directory, lower, located };
  };

  /** A stack with one more layer: what was read of it and found out about it is used again. */
  const grow = async (
    below: Opened,
    { ids, layer }: { ids: readonly ChainID[]; layer: Layer },
    signal: AbortSignal,
  ): Promise<Opened> => {
    const id = ids[below.kept.length]!;
    const one = await obtain(id, [{ layer, parent: below.tree }], signal);
    const { directory, record, located } = one;
    const files = located?.files ?? ownedFiles(directory, record);
    const own = { directory, opaque: new Set(record.opaque), files };
    const tree = below.kept.length > 0 ? layOver(below.tree, own) : createMergedTree([own]);
    const kept = [...below.kept, one];
    const opened = { id, kept, tree, ...lowersOf(await join(kept, ids, signal)) };
    stacks.set(id, new WeakRef(opened));
    return opened;
  };

  /** A long stack with fewer members: groups that stay the same while it grows become one each, where they can. */
  const join = async (kept: readonly Kept[], ids: readonly ChainID[], signal: AbortSignal) => {
    if (kept.length <= longStack) return kept;
    const joined: Kept[] = [];
    for (let start = 0; start < kept.length; start += groupSize) {
      const group = kept.slice(start, start + groupSize);
      if (group.length < groupSize || !group.every(({ record }) => form.joins(record))) {
        joined.push(...group);
        continue;
      }
      const id = digestOf(`${ids[start]} to ${ids[start + groupSize - 1]}`) as string as ChainID;
      const members = group.map(({ stacked }) => stacked);
      joined.push(await obtain(id, members, signal));
    }
    return joined;
  };

  const open = async (layers: readonly Layer[], signal: AbortSignal): Promise<Opened> => {
    signal.throwIfAborted();
    try {
      store.open();
      const ids = store.ids(layers);
      let opened = ids.reduceRight<Opened | undefined>(
        (found, id) => found ?? stacks.get(id)?.deref(),
        undefined,
      );
      opened ??= bare();
      const absent = layers.filter((_, index) => index >= opened!.kept.length && !store.lookup(ids[index]!));
      if (absent.length > 1) options.prefetch?.(absent, signal);
      while (opened.kept.length < layers.length)
        opened = await grow(opened, { ids, layer: layers[opened.kept.length]! }, signal);
      return opened;
    } catch (error) {
      throw diskError(error, 'unpacking layers');
    }
  };

  const opaqueXattr = `${overlayXattr}.opaque` as const;

  /** What a step wrote, as long as no one has read what of it is opaque. */
  const unread = (directory: string, links: ReadonlyMap<string, Owner>) => ({
    directory,
    files: links.size > 0 ? createHostFiles(directory, links) : undefined,
    opaque: {
      has: (path: string): boolean =>
        path !== '/' &&
        loadSys()
          .getXattr(directory + path, opaqueXattr)
          ?.toString() === 'y',
    },
  });

  const shared = (
    { lowers, images, tree }: Stack,
    { number, upper }: WorkingDirectory,
    links: ReadonlyMap<string, Owner>,
  ): LiveSnapshot => {
    const top = unread(upper, links);
    const stack = { lowers: [String(number), ...lowers], images, tree: layOver(tree, top) };
    return { tree: stack.tree, prepare: () => activeOn(stack, undefined) };
  };

  const activeOn = (stack: Stack, layers: readonly Layer[] | undefined): ActiveSnapshot => {
    const { lowers, images, tree } = stack;
    const working = store.begin();
    const { upper, work } = working;
    setRootMetadata(upper, tree.lstat('/')!);
    const paths = {
      base: store.layers,
      lowers: lowers.length > 0 ? [...lowers] : [emptyLayers[0]!],
      upper,
      work,
    };
    return createActiveSnapshot({
      store,
      working,
      layers,
      parent: tree,
      root: {
        ...{ type: 'overlay', ...paths, images },
        options: options.volatile ? [...flags, 'volatile'] : [...flags],
      },
      readChanges: async (links) =>
        readChanges({ upper, lower: tree, form: { type: 'overlay', opaqueXattr }, links }),
      live: (links) => shared(stack, working, links),
    });
  };

  return {
    name: form.name,
    async view(layers, signal) {
      const { id, lowers, images, tree } = await open(layers, signal);
      // A mount without an upper directory needs two lower ones.
      const padded = [...lowers, ...emptyLayers].slice(0, Math.max(2, lowers.length));
      const paths = { base: store.layers, lowers: padded, upper: undefined, work: undefined };
      return { chainID: id, tree, root: { type: 'overlay', ...paths, images, options: [...flags] } };
    },
    prepare: async (layers, signal) => activeOn(await open(layers, signal), layers),
    refresh() {
      stacks.clear();
      form.refresh?.();
    },
    release: store.release,
  };
}
