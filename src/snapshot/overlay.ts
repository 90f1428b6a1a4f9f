// Snapshots as stacks of directories that overlayfs merges: each layer is unpacked once, a step writes to an upper directory.
import { diskError } from '../fs/disk-error.ts';
import type { Lease } from '../fs/lease.ts';
import { withLock } from '../fs/lock.ts';
import { chainIDs } from '../oci/chain-id.ts';
import type { ChainID } from '../oci/digest.ts';
import type { Layer, OpenLayer, Snapshotter, Tree } from '../seams.ts';
import { createActiveSnapshot } from './active-snapshot.ts';
import { type ChainRecord, createChainStore, emptyLayers } from './chain-store.ts';
import { readChanges } from './changes.ts';
import { createMergedTree } from './merged-tree.ts';
import { setRootMetadata } from './root-metadata.ts';
import type { UnpackLayer } from './unpack-layer.ts';

export interface OverlayOptions {
  /** Absolute; everything of the snapshotter is below it, on one file system. */
  directory: string;
  openLayer: OpenLayer;
  unpack: UnpackLayer;
  /** Keeps what is used from being deleted. */
  lease?: Pick<Lease, 'use'> | undefined;
  /** For mounts inside a user namespace, where trusted.* attributes are out of reach. */
  userxattr?: boolean | undefined;
  /**
   * Steps write without syncing, also where they ask for it: 13 times faster for programs that sync each file. A step's
   * root can then be mounted only once. Linux 5.10.
   */
  volatile?: boolean | undefined;
}

/** The kernel refuses userxattr together with redirect_dir=off; nofollow makes and follows no redirects either. */
const mountOptions = (userxattr: boolean): string[] => [
  'metacopy=off',
  ...(userxattr ? ['redirect_dir=nofollow', 'userxattr'] : ['redirect_dir=off']),
  'index=off',
  'xino=off',
];

/** Where overlayfs can be mounted (`probeOverlay`). */
export function createOverlaySnapshotter(options: OverlayOptions): Snapshotter {
  const { openLayer, unpack } = options;
  const store = createChainStore(options.directory, options.lease);
  const overlayXattr = options.userxattr ? 'user.overlay' : 'trusted.overlay';
  const flags = mountOptions(options.userxattr ?? false);
  const trees = new Map<ChainID, WeakRef<Tree>>();

  /** The directories of a stack, topmost first; an opaque root cuts it off. */
  const lowersOf = (records: readonly ChainRecord[]): string[] => {
    const top = records.findLastIndex((record) => record.opaque.includes('/'));
    const lowers = records.slice(Math.max(0, top)).map((record) => String(record.dir));
    return lowers.reverse();
  };

  const treeOf = (id: ChainID | undefined, records: readonly ChainRecord[]): Tree => {
    const made = id && trees.get(id)?.deref();
    if (made) return made;
    const layers = records.map(({ dir, opaque }) => ({
      directory: store.layerPath(dir),
      opaque: new Set(opaque),
    }));
    const empty = { directory: `${store.layers}/${emptyLayers[0]}`, opaque: new Set<string>() };
    const tree = createMergedTree(layers.length > 0 ? layers.reverse() : [empty]);
    if (id) trees.set(id, new WeakRef(tree));
    return tree;
  };

  const unpackOnto = async (
    below: { id: ChainID | undefined; records: readonly ChainRecord[] },
    layer: { id: ChainID; layer: Layer },
    signal: AbortSignal,
  ): Promise<ChainRecord> => {
    const { diffID } = layer.layer;
    const tree = treeOf(below.id, below.records);
    const working = store.begin();
    try {
      setRootMetadata(working.upper, tree.lstat('/')!);
      const parent = tree.lstat;
      const source = openLayer(layer.layer, signal);
      const { opaque } = await unpack(source, working.upper, {
        form: 'overlay',
        overlayXattr,
        signal,
        parent,
      });
      return store.keep(working, layer.id, { diffID, opaque });
    } catch (error) {
      store.discard(working);
      throw error;
    }
  };

  /** The records of every prefix of a stack, lowest first; unpacks what is missing. */
  const ensure = async (layers: readonly Layer[], ids: readonly ChainID[], signal: AbortSignal) => {
    const records: ChainRecord[] = [];
    for (const [index, layer] of layers.entries()) {
      const id = ids[index]!;
      const below = { id: ids[index - 1], records: [...records] };
      const unpackOnce = async () => store.lookup(id) ?? (await unpackOnto(below, { id, layer }, signal));
      const find = async () => store.lookup(id) ?? (await withLock(store.lockFile(id), signal, unpackOnce));
      let record = await find();
      while (!(await store.settle(id))) {
        // A prune came between.
        trees.delete(id);
        record = await find();
      }
      records.push(record);
    }
    return records;
  };

  const open = async (layers: readonly Layer[], signal: AbortSignal) => {
    signal.throwIfAborted();
    try {
      store.open();
      const ids = chainIDs(layers.map((layer) => layer.diffID));
      const records = await ensure(layers, ids, signal);
      return { id: ids.at(-1), lowers: lowersOf(records), tree: treeOf(ids.at(-1), records) };
    } catch (error) {
      throw diskError(error, 'unpacking layers');
    }
  };

  return {
    name: 'overlay',
    async view(layers, signal) {
      const { id, lowers, tree } = await open(layers, signal);
      // A mount without an upper directory needs two lower ones.
      const padded = [...lowers, ...emptyLayers].slice(0, Math.max(2, lowers.length));
      const paths = { base: store.layers, lowers: padded, upper: undefined, work: undefined };
      return { chainID: id, tree, root: { type: 'overlay', ...paths, options: [...flags] } };
    },
    async prepare(layers, signal) {
      const { lowers, tree } = await open(layers, signal);
      const working = store.begin();
      const { upper, work } = working;
      setRootMetadata(upper, tree.lstat('/')!);
      const paths = {
        base: store.layers,
        lowers: lowers.length > 0 ? lowers : [emptyLayers[0]!],
        upper,
        work,
      };
      return createActiveSnapshot({
        store,
        working,
        layers,
        parent: tree,
        root: { type: 'overlay', ...paths, options: options.volatile ? [...flags, 'volatile'] : [...flags] },
        readChanges: () => readChanges({ upper, lower: tree, opaqueXattr: `${overlayXattr}.opaque` }),
      });
    },
  };
}
