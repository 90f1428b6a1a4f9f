// Whole trees that this process alone knows of: each is one step's, and goes to the step that follows, or becomes known to all.
import type { ChainID } from '../oci/digest.ts';
import type { ChainRecord, ChainStore, WorkingDirectory } from './chain-store.ts';
import type { TreeStates } from './tree-states.ts';

export interface HeldTree {
  working: WorkingDirectory;
  layer: Omit<ChainRecord, 'dir'>;
  /** As it is now; undefined where nobody has looked yet. */
  states: TreeStates | undefined;
}

export interface HeldTrees {
  has(id: ChainID): boolean;
  /** It is the caller's now; undefined where there is none, or where somebody looks at it. */
  take(id: ChainID): HeldTree | undefined;
  /** One that is there already is kept. */
  put(id: ChainID, tree: HeldTree): void;
  /** Keeps it from being taken; undefined where there is none. */
  look(id: ChainID): ({ path: string } & Disposable) | undefined;
  /** Makes it known, where there is one: it stays as it is. */
  publish(id: ChainID): void;
  publishAll(): void;
}

export function createHeldTrees(store: Pick<ChainStore, 'keep' | 'discard' | 'discardLater'>): HeldTrees {
  const held = new Map<ChainID, HeldTree & { looks: number }>();

  const publish = (id: ChainID): void => {
    const tree = held.get(id);
    if (!tree) return;
    held.delete(id);
    const drop = tree.looks > 0 ? store.discardLater : store.discard;
    store.keep(tree.working, id, tree.layer, { drop });
  };

  return {
    has: (id) => held.has(id),
    take(id) {
      const tree = held.get(id);
      if (!tree || tree.looks > 0) return undefined;
      held.delete(id);
      return tree;
    },
    put(id, tree) {
      if (held.has(id)) store.discard(tree.working);
      else held.set(id, { ...tree, looks: 0 });
    },
    look(id) {
      const tree = held.get(id);
      if (!tree) return undefined;
      tree.looks++;
      return { path: tree.working.upper, [Symbol.dispose]: () => void tree.looks-- };
    },
    publish,
    publishAll() {
      for (const id of [...held.keys()]) publish(id);
    },
  };
}
