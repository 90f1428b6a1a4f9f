// Snapshots as whole directory trees, for machines without overlayfs: a step works on a copy, and its changes are found by
// comparing the copy with the original.
import { writeFileSync } from 'node:fs';
import { copyTree } from '../fs/copy-tree.ts';
import { diskError } from '../fs/disk-error.ts';
import { type FileState, readState } from '../fs/file-state.ts';
import type { Lease } from '../fs/lease.ts';
import { withLock } from '../fs/lock.ts';
import { chainIDs } from '../oci/chain-id.ts';
import type { ChainID } from '../oci/digest.ts';
import type { Layer, OpenLayer, Snapshotter } from '../seams.ts';
import { createActiveSnapshot } from './active-snapshot.ts';
import { type ChainRecord, createChainStore, emptyLayers } from './chain-store.ts';
import { readChanges } from './changes.ts';
import { createDirectoryTree } from './plain-tree.ts';
import type { UnpackLayer } from './unpack-layer.ts';

export interface CopyOptions {
  /** Absolute; everything of the snapshotter is below it, on one file system. */
  directory: string;
  openLayer: OpenLayer;
  unpack: UnpackLayer;
  /** Keeps what is used from being deleted. */
  lease?: Pick<Lease, 'use'> | undefined;
}

export function createCopySnapshotter(options: CopyOptions): Snapshotter {
  const { openLayer, unpack } = options;
  const store = createChainStore(options.directory, options.lease);
  const empty = `${store.layers}/${emptyLayers[0]}`;

  /** Copies the highest prefix that is there and unpacks the rest on it: only whole stacks are kept. */
  const build = async (
    layers: readonly Layer[],
    ids: readonly ChainID[],
    signal: AbortSignal,
  ): Promise<ChainRecord> => {
    let start = ids.length - 1;
    const isThere = async (id: ChainID) => store.lookup(id) !== undefined && (await store.settle(id));
    while (start > 0 && !(await isThere(ids[start - 1]!))) start--;
    const base = start > 0 ? store.lookup(ids[start - 1]!) : undefined;
    const working = store.begin();
    try {
      await copyTree(base ? store.layerPath(base.dir) : empty, working.upper, signal);
      for (const layer of layers.slice(start)) {
        const source = openLayer(layer, signal);
        await unpack(source, working.upper, { form: 'plain', overlayXattr: 'trusted.overlay', signal });
      }
      return store.keep(working, ids.at(-1)!, { diffID: layers.at(-1)!.diffID, opaque: [] });
    } catch (error) {
      store.discard(working);
      throw error;
    }
  };

  /** The directory of the whole stack. */
  const open = async (layers: readonly Layer[], signal: AbortSignal) => {
    signal.throwIfAborted();
    try {
      store.open();
      const ids = chainIDs(layers.map((layer) => layer.diffID));
      const id = ids.at(-1);
      if (id === undefined) return { id, path: empty };
      const buildOnce = async () => store.lookup(id) ?? (await build(layers, ids, signal));
      const find = async () => store.lookup(id) ?? (await withLock(store.lockFile(id), signal, buildOnce));
      let record = await find();
      // A prune may have come between.
      while (!(await store.settle(id))) record = await find();
      return { id, path: store.layerPath(record.dir) };
    } catch (error) {
      throw diskError(error, 'unpacking layers');
    }
  };

  return {
    name: 'copy',
    async view(layers, signal) {
      const { id, path } = await open(layers, signal);
      return { chainID: id, tree: createDirectoryTree(path), root: { type: 'directory', path } };
    },
    async prepare(layers, signal) {
      const { path } = await open(layers, signal);
      const working = store.begin();
      const { upper } = working;
      try {
        await copyTree(path, upper, signal);
      } catch (error) {
        store.discard(working);
        throw diskError(error, 'copying a snapshot');
      }
      // What was changed after the copy has a later change time than this file, or the same tick of the clock.
      const marker = `${working.work}/copied`;
      writeFileSync(marker, '');
      const copied = readState(marker)!.slice();
      const parent = createDirectoryTree(path);
      return createActiveSnapshot({
        store,
        working,
        layers,
        parent,
        root: { type: 'directory', path: upper },
        readChanges: (links) => {
          const untouched = (state: FileState): boolean => changedBefore(state, copied);
          return readChanges({ upper, lower: parent, opaqueXattr: undefined, untouched, links });
        },
      });
    },
    release: store.release,
  };
}

function changedBefore(a: FileState, b: FileState): boolean {
  return a[5] === b[5] ? a[6]! < b[6]! : a[5]! < b[5]!;
}
