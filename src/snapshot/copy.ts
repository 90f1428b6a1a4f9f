// Snapshots as whole directory trees, for machines without overlayfs: a step works on a tree of its own, and its changes are found by
// comparing that with what it was. The tree that a step leaves goes on to the next one; what nobody has is copied or unpacked.
import { copyTree } from '../fs/copy-tree.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Lease } from '../fs/lease.ts';
import { withLock } from '../fs/lock.ts';
import { remembersOwners } from '../fs/owner-mark.ts';
import { chainIDs } from '../oci/chain-id.ts';
import type { ChainID, DiffID } from '../oci/digest.ts';
import type { Layer, OpenLayer, Snapshotter, Tree } from '../seams.ts';
import { createChainStore, emptyLayers } from './chain-store.ts';
import { createHeldTrees, type HeldTree } from './held-trees.ts';
import { createDirectoryTree } from './plain-tree.ts';
import type { UnpackLayer } from './unpack-layer.ts';
import { createWholeStep } from './whole-step.ts';

export interface CopyOptions {
  /** Absolute; everything of the snapshotter is below it, on one file system. */
  directory: string;
  openLayer: OpenLayer;
  unpack: UnpackLayer;
  /** Keeps what is used from being deleted. */
  lease?: Pick<Lease, 'use'> | undefined;
  /** Told of a layer whose files are gone: they are made anew. */
  onDamage?: ((diffID: DiffID) => void) | undefined;
}

interface Stack {
  layers: readonly Layer[];
  ids: readonly ChainID[];
}

/** What a stack can be made of: its lowest `count` layers. */
interface Start {
  count: number;
  /** The caller's own, or one to copy. */
  from: HeldTree | string;
}

export function createCopySnapshotter(options: CopyOptions): Snapshotter {
  const { openLayer, unpack } = options;
  const store = createChainStore(options.directory, options.lease, options.onDamage);
  const held = createHeldTrees(store);
  const empty = `${store.layers}/${emptyLayers[0]}`;

  const stackOf = (layers: readonly Layer[]): Stack => ({
    layers,
    ids: chainIDs(layers.map((layer) => layer.diffID)),
  });
  /** Where files alone say whose they are, who looks at one must find it as it was. */
  const handsOn = (): boolean => !remembersOwners();
  const top = ({ ids }: Stack): ChainID => ids.at(-1)!;

  /** The folder of a whole stack that all know of. */
  const known = async (id: ChainID): Promise<string | undefined> => {
    held.publish(id);
    const record = store.lookup(id);
    return record && (await store.settle(id)) ? store.layerPath(record.dir) : undefined;
  };

  /** The highest part of a stack that is there, less than the whole. */
  const findStart = async ({ ids }: Stack): Promise<Start> => {
    for (let count = ids.length - 1; count > 0; count--) {
      const from = held.take(ids[count - 1]!) ?? (await known(ids[count - 1]!));
      if (from !== undefined) return { count, from };
    }
    return { count: 0, from: empty };
  };

  const make = async ({ layers }: Stack, { count, from }: Start, signal: AbortSignal): Promise<HeldTree> => {
    const working = typeof from === 'string' ? store.begin() : from.working;
    try {
      if (typeof from === 'string') await copyTree(from, working.upper, signal);
      for (const layer of layers.slice(count)) {
        const source = openLayer(layer, signal);
        await unpack(source, working.upper, { form: 'plain', overlayXattr: 'trusted.overlay', signal });
      }
      return { working, layer: { diffID: layers.at(-1)!.diffID, opaque: [] }, states: undefined };
    } catch (error) {
      store.discard(working);
      throw error;
    }
  };

  /** The folder of a whole stack, made where nobody has it; all know of it then. */
  const open = async (stack: Stack, signal: AbortSignal): Promise<string> => {
    const id = top(stack);
    for (;;) {
      const path = await known(id);
      if (path !== undefined) return path;
      // A prune may come between.
      await withLock(store.lockFile(id), signal, async () => {
        if (held.has(id) || store.lookup(id)) return;
        const { working, layer } = await make(stack, await findStart(stack), signal);
        store.keep(working, id, layer);
      });
    }
  };

  const inStore = async <T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      store.open();
      return await work();
    } catch (error) {
      throw diskError(error, what);
    }
  };

  const noLook = (path: string): { tree: Tree } & Disposable => ({
    tree: createDirectoryTree(path),
    [Symbol.dispose]: () => {},
  });

  const lookAtHeld = (id: ChainID): ({ tree: Tree } & Disposable) | undefined => {
    const look = held.look(id);
    return look && { tree: createDirectoryTree(look.path), [Symbol.dispose]: () => look[Symbol.dispose]() };
  };

  /** A tree for a step alone, or the folder of one to copy. */
  const obtain = async (stack: Stack, signal: AbortSignal): Promise<HeldTree | string> => {
    if (stack.ids.length === 0) return empty;
    const found = held.take(top(stack)) ?? (await known(top(stack)));
    if (found !== undefined) return found;
    const start = await findStart(stack);
    // A base that is new is what other steps will begin with, too.
    return start.count === 0 || !handsOn() ? open(stack, signal) : make(stack, start, signal);
  };

  return {
    name: 'copy',
    view: (layers, signal) =>
      inStore('unpacking layers', signal, async () => {
        const stack = stackOf(layers);
        const path = layers.length === 0 ? empty : await open(stack, signal);
        const root = { type: 'directory' as const, path };
        return { chainID: stack.ids.at(-1), tree: createDirectoryTree(path), root };
      }),
    look: (layers, signal) =>
      inStore('unpacking layers', signal, async () => {
        if (layers.length === 0) return noLook(empty);
        const stack = stackOf(layers);
        const id = top(stack);
        const there = lookAtHeld(id);
        if (there) return there;
        const path = await known(id);
        if (path !== undefined) return noLook(path);
        const start = await findStart(stack);
        if (start.count === 0 || !handsOn()) return noLook(await open(stack, signal));
        held.put(id, await make(stack, start, signal));
        return lookAtHeld(id)!;
      }),
    prepare: (layers, signal) =>
      inStore('copying a snapshot', signal, async () => {
        const stack = stackOf(layers);
        const found = await obtain(stack, signal);
        const copied = typeof found === 'string';
        const working = copied ? store.begin() : found.working;
        try {
          if (copied) await copyTree(found, working.upper, signal);
          return await createWholeStep(
            {
              ...{ store, working, layers, held: handsOn() ? held : undefined },
              states: copied ? undefined : found.states,
              parent: copied ? found : undefined,
              remake: (abort) => open(stack, abort),
            },
            signal,
          );
        } catch (error) {
          store.discard(working);
          throw error;
        }
      }),
    release() {
      held.publishAll();
      store.release();
    },
  };
}
