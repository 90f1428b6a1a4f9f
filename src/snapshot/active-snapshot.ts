// A writable snapshot over a working directory: its changes are read once, then it becomes a layer or trash.
import { rmdirSync, unlinkSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { chainID } from '../oci/chain-id.ts';
import type { DiffID } from '../oci/digest.ts';
import type { ActiveSnapshot, Layer, LayerEntry, RootFilesystem, Tree } from '../seams.ts';
import type { ChainStore, WorkingDirectory } from './chain-store.ts';
import type { ChangesSummary } from './changes.ts';
import { setRootMetadata } from './root-metadata.ts';

export interface ActiveOptions {
  store: ChainStore;
  working: WorkingDirectory;
  root: RootFilesystem;
  /** What it lies on. */
  layers: readonly Layer[];
  parent: Tree;
  readChanges: () => Generator<LayerEntry, ChangesSummary>;
}

export function createActiveSnapshot(options: ActiveOptions): ActiveSnapshot {
  const { store, working, layers, parent } = options;
  let summary: ChangesSummary | undefined;
  let done = false;

  function* changes(): Generator<LayerEntry> {
    summary = yield* options.readChanges();
  }

  return {
    root: options.root,
    writable: working.upper,
    changes,
    async commit(diffID: DiffID) {
      if (done) return;
      const id = chainID([...layers.map((layer) => layer.diffID), diffID])!;
      try {
        if (!store.lookup(id)) {
          if (!summary) for (const _ of changes());
          removeDropped(working.upper, summary!.dropped);
          // Neither is a change of the root's own mode or time part of a layer, so that it must not be seen later on.
          setRootMetadata(working.upper, parent.lstat('/')!);
          store.keep(working, id, { diffID, opaque: summary!.opaque });
        } else {
          store.discard(working);
        }
        done = true;
      } catch (error) {
        throw diskError(error, 'keeping a snapshot');
      }
    },
    async [Symbol.asyncDispose]() {
      if (done) return;
      done = true;
      store.discard(working);
    },
  };
}

/** What has no entry in the layer is not in the snapshot either: it is then as if the layer had been unpacked. */
function removeDropped(upper: string, paths: readonly string[]): void {
  for (const path of paths) {
    const file = encodePath(upper + path);
    try {
      unlinkSync(file);
    } catch (error) {
      if (systemCode(error) !== 'EISDIR' && systemCode(error) !== 'EPERM') throw error;
      removeEmpty(file);
    }
  }
}

function removeEmpty(directory: string | Buffer): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
  }
}
