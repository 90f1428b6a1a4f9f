// A writable snapshot over a working directory: its changes are read once, then it becomes a layer or trash. Between the two,
// others may lie on it already.
import { rmdirSync, unlinkSync } from 'node:fs';
import { invariant, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { remembersOwners } from '../fs/owner-mark.ts';
import { encodePath } from '../fs/path-bytes.ts';
import { chainIDOn } from '../oci/chain-id.ts';
import type { ChainID, DiffID } from '../oci/digest.ts';
import type { Owner } from '../oci/owner.ts';
import type { ActiveSnapshot, Layer, LayerEntry, LiveSnapshot, RootFilesystem, Tree } from '../seams.ts';
import type { ChainRecord, ChainStore, OwnerTable, WorkingDirectory } from './chain-store.ts';
import type { ChangesSummary } from './changes.ts';
import { markOwners } from './mark-owners.ts';
import { setRootMetadata } from './root-metadata.ts';

export interface ActiveOptions {
  store: ChainStore;
  working: WorkingDirectory;
  root: RootFilesystem;
  /** What it lies on; undefined where that has no name yet, so that `commit` has to be told. */
  layers: readonly Layer[] | undefined;
  parent: Tree;
  readChanges: (
    links: ReadonlyMap<string, Owner>,
    signal: AbortSignal,
  ) => Promise<Generator<LayerEntry, ChangesSummary>>;
  /** Instead of keeping the working directory in the store. */
  keep?: ((id: ChainID, layer: Omit<ChainRecord, 'dir'>, summary: ChangesSummary) => void) | undefined;
  hide?: ActiveSnapshot['hide'];
  /** A stack with the working directory as its topmost layer; undefined where nothing can lie on that. */
  live?: ((links: ReadonlyMap<string, Owner>) => LiveSnapshot) | undefined;
}

export function createActiveSnapshot(options: ActiveOptions): ActiveSnapshot {
  const { store, working, parent } = options;
  let summary: ChangesSummary | undefined;
  let live: LiveSnapshot | undefined;
  let done = false;
  /** Owners of what can't be marked with them. */
  let links: ReadonlyMap<string, Owner> = new Map();

  async function changes(signal: AbortSignal): Promise<Iterable<LayerEntry>> {
    const reading = await options.readChanges(links, signal);
    return (function* () {
      summary = yield* reading;
    })();
  }

  /** No change of the root's own mode or time is part of a layer, so that it must not be seen later on. */
  const resetRoot = (): void => setRootMetadata(working.upper, parent.lstat('/')!);

  /** What others lie on stays in its place until the build is over. */
  const drop = (): void => (live ? store.discardLater(working) : store.discard(working));

  return {
    root: options.root,
    parent,
    writable: working.upper,
    changes,
    hide: options.hide,
    own: remembersOwners()
      ? (step) => {
          links = markOwners(working.upper, parent, step);
        }
      : undefined,
    share() {
      if (!options.live) return undefined;
      if (!live) {
        resetRoot();
        live = options.live(links);
      }
      return live;
    },
    async commit(diffID: DiffID, below: readonly Layer[] | undefined = options.layers) {
      if (done) return;
      invariant(below, 'it is known what the snapshot lies on');
      const id = chainIDOn(store.ids(below).at(-1), diffID);
      try {
        if (!store.lookup(id)) {
          if (!summary) for (const _ of await changes(new AbortController().signal));
          if (!live) {
            removeDropped(working.upper, summary!.dropped);
            resetRoot();
          }
          const owners = ownerTable(links);
          const layer = { diffID, opaque: summary!.opaque, ...(owners && { owners }) };
          if (options.keep) options.keep(id, layer, summary!);
          else store.keep(working, id, layer, { drop });
        } else {
          drop();
        }
        done = true;
      } catch (error) {
        throw diskError(error, 'keeping a snapshot');
      }
    },
    async [Symbol.asyncDispose]() {
      if (done) return;
      done = true;
      drop();
    },
  };
}

/** What is root's needs no entry. */
function ownerTable(links: ReadonlyMap<string, Owner>): OwnerTable | undefined {
  const others = [...links].filter(([, { uid, gid }]) => uid + gid > 0);
  return others.length > 0
    ? Object.fromEntries(others.map(([path, { uid, gid }]) => [path, [uid, gid]]))
    : undefined;
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
