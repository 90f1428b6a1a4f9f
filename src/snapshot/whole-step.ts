// A step that works on a whole tree of its own: what it changed is told by comparing the tree with what was recorded of it before.
import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { copyPath } from '../fs/copy-tree.ts';
import { type FileState, isFileMode, isLinkMode, readState } from '../fs/file-state.ts';
import type { ActiveSnapshot, Layer } from '../seams.ts';
import { childPath } from '../tree/path.ts';
import { createActiveSnapshot } from './active-snapshot.ts';
import type { ChainStore } from './chain-store.ts';
import { readChanges } from './changes.ts';
import type { HeldTree, HeldTrees } from './held-trees.ts';
import { createDirectoryTree } from './plain-tree.ts';
import { createRecordedTree } from './recorded-tree.ts';
import { correctStates, isSameState, recordStates, type TreeStates } from './tree-states.ts';

export interface WholeStepParts {
  store: ChainStore;
  /** Gets the tree when the step is kept; undefined: it becomes known to all. */
  held: HeldTrees | undefined;
  working: HeldTree['working'];
  states: TreeStates | undefined;
  layers: readonly Layer[];
  /** The folder of what the step began with; `undefined`: it works on that itself. */
  parent: string | undefined;
  /** Makes another one of that, where something can't be told without. */
  remake(signal: AbortSignal): Promise<string>;
}

/** Files that a step's mounts hide are copied, where they are no larger: their change times can't tell whether they were written to. */
const largestCopy = 1 << 20;
/** How often the clock is looked at, and milliseconds in between. */
const looks = 50;
const between = 2;

/** Whether what is written from now on has a later change time than all files have; waits for that, as far as the clock goes on. */
async function isPast([seconds, nanoseconds]: TreeStates['newest'], marker: string): Promise<boolean> {
  for (let look = 0; look < looks; look++) {
    if (look > 0) await setTimeout(between);
    writeFileSync(marker, 'x');
    const now = readState(marker)!;
    if (now[5] === seconds ? now[6]! > nanoseconds : now[5]! > seconds) return true;
  }
  return false;
}

/** Whether they can't be told apart without looking into the files. */
function isDoubtful(a: FileState, b: FileState): boolean {
  // Mode, size and time of change, owner and group.
  return (
    [0, 1, 3, 4, 8, 9].every((index) => a[index] === b[index]) && (isFileMode(a[0]!) || isLinkMode(a[0]!))
  );
}

export async function createWholeStep(parts: WholeStepParts, signal: AbortSignal): Promise<ActiveSnapshot> {
  const { store, held, working, layers } = parts;
  const { upper, work } = working;
  const before = parts.states ?? (await recordStates(upper, signal));
  const isTrusted = await isPast(before.newest, `${work}/begun`);
  const from = parts.parent ?? upper;
  const parent = createRecordedTree(before, createDirectoryTree(from), from);
  let after: TreeStates | undefined;

  const untouched = (path: string): boolean => {
    const was = before.state(path);
    return isTrusted && was !== undefined && isSameState(was, after!.state(path)!);
  };

  const hasDoubts = (states: TreeStates): boolean => {
    for (const folder of states.folders())
      for (const name of states.names(folder)) {
        const path = childPath(folder, name);
        const was = before.state(path);
        if (was && isDoubtful(was, states.state(path)!) && !parent.copies.has(path) && !untouched(path))
          return true;
      }
    return false;
  };

  return createActiveSnapshot({
    ...{ store, working, layers, parent, root: { type: 'directory', path: upper } },
    async hide(paths) {
      if (parts.parent !== undefined) return;
      for (const path of paths) {
        const state = before.state(path);
        if (!state || !isFileMode(state[0]!) || state[1]! > largestCopy) continue;
        const copy = `${work}/hidden-${parent.copies.size}`;
        // The step before may have left one.
        rmSync(copy, { force: true });
        await copyPath(upper + path, copy, signal);
        parent.copies.set(path, copy);
      }
    },
    async readChanges(links, abort) {
      after = await recordStates(upper, abort);
      if (parts.parent === undefined && hasDoubts(after))
        parent.readFrom(createDirectoryTree(await parts.remake(abort)));
      return readChanges({ upper, lower: parent, form: { type: 'whole', before, after, untouched }, links });
    },
    keep: held
      ? (id, layer, { dropped }) => {
          const states = correctStates(after!, { root: before.state('/')!, without: dropped });
          held.put(id, { working, layer, states });
        }
      : undefined,
  });
}
