// The directory of a snapshotter: finished layers by chainID, and working directories that belong to a process.
//   l/<n>                       layers, finished or (where their block is active) perhaps being written; 0 and 00 are empty
//   chains/<chainID hex>.json   the commit point: which l/<n> a chain's topmost layer is
//   active/<b>/{owner,<n>}      owning active/<b> is owning a block of numbers: a process makes one file for many snapshots
//   last-block                  no block above it was ever owned: where layers are gone, their numbers are not given to others
//   tmp/, trash/, locks/
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { systemCode } from '../errors.ts';
import type { Lease } from '../fs/lease.ts';
import { makePrivateFolder } from '../fs/private-folder.ts';
import { ownIdentity } from '../fs/process-identity.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { chainIDOn } from '../oci/chain-id.ts';
import { type ChainID, type DiffID, hexOf, isDigest } from '../oci/digest.ts';
import type { Layer } from '../seams.ts';

export interface ChainRecord {
  /** The number of the directory below `l`. */
  dir: number;
  diffID: DiffID;
  /** Clean absolute paths of its opaque directories. */
  opaque: string[];
  /** Owners of links and the like that are not root's, by clean absolute path, where files remember theirs (fs/owner-mark.ts). */
  owners?: OwnerTable | undefined;
  /** What lies in the directory: an index over the layer's tar; else the files. */
  form?: 'erofs' | undefined;
  /** Of the index (fs/file-checksum.ts). */
  checksum?: number | undefined;
}

export type OwnerTable = Readonly<Record<string, readonly [uid: number, gid: number]>>;

/** A directory to work in; nobody else touches it. */
export interface WorkingDirectory {
  number: number;
  /** `l/<n>`, empty at first: what becomes the layer, where it lies. */
  upper: string;
  /** Empty, on the same file system, for whatever the work needs; it goes at `release`. */
  work: string;
}

export interface ChainStore {
  /** Makes the folders where they are missing; before any other call. */
  open(): void;
  /** Where finished layers lie by their number. */
  readonly layers: string;
  layerPath(dir: number): string;
  /** The chainID of every prefix of a stack; what was computed before costs no digest. */
  ids(layers: readonly Layer[]): ChainID[];
  /** A record that a kill or a power cut tore is none, and neither is one whose directory is gone. */
  lookup(id: ChainID): ChainRecord | undefined;
  /** What lies there can't be used: it is to be made anew. */
  forget(id: ChainID): void;
  /** Marks a chain that was looked up as used; false where it was deleted meanwhile: look it up again then. */
  settle(id: ChainID): Promise<boolean>;
  begin(): WorkingDirectory;
  /** Makes `upper` the layer of a chain, or drops it where another process was first; returns the record that holds. */
  keep(
    working: WorkingDirectory,
    id: ChainID,
    layer: Omit<ChainRecord, 'dir'>,
    options?: { drop?: (working: WorkingDirectory) => void },
  ): ChainRecord;
  /** Moves what was to become a layer out of the way; deleting it is the sweep's. */
  discard(working: WorkingDirectory): void;
  /** The same, once nothing is mounted on it any more: at `release`. */
  discardLater(working: WorkingDirectory): void;
  /** Once nothing works here: gives back the numbers that are left. */
  release(): void;
  lockFile(id: ChainID): string;
}

/** Empty directories: a mount needs lower layers also where an image has none. */
export const emptyLayers: readonly string[] = ['0', '00'];

/** What file systems answer that have no hard links. */
const withoutLinks: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Numbers that are owned together. */
const blockSize = 64;

export const blockOf = (number: number): number => Math.floor(number / blockSize);

/** @param onDamage told of a layer whose files are gone, or were forgotten. */
export function createChainStore(
  directory: string,
  lease?: Pick<Lease, 'use'>,
  onDamage?: (diffID: DiffID) => void,
): ChainStore {
  const known = new Map<ChainID, ChainRecord>();
  const settled = new Set<ChainID>();
  const later: WorkingDirectory[] = [];
  /** Of each layer, where it was last seen: stacks that grow share their layers. */
  const chained = new WeakMap<Layer, { below: ChainID | undefined; id: ChainID }>();
  /** Those that this store owns; it takes numbers from the last. */
  const blocks: string[] = [];
  /** The next block to try; undefined until the store is open. */
  let nextBlock: number | undefined;
  /** The next number to try, within the block that is owned. */
  let next = 0;

  const layers = `${directory}/l`;
  const layerPath = (dir: number): string => `${layers}/${dir}`;
  const chainFile = (id: ChainID): string => `${directory}/chains/${hexOf(id)}.json`;
  const trash = (path: string, name: string): void =>
    renameSync(path, `${directory}/trash/${uniqueName(name)}`);

  const prepareFolders = (): number => {
    makePrivateFolder(directory);
    for (const name of [...emptyLayers.map((layer) => `l/${layer}`), 'chains', 'active', 'tmp', 'trash']) {
      mkdirSync(`${directory}/${name}`, { recursive: true });
    }
    const used = [
      ...readdirSync(layers).map((name) => blockOf(Number(name))),
      ...readdirSync(`${directory}/active`).map(Number),
    ];
    return used.reduce((a, b) => Math.max(a, b), lastBlock()) + 1;
  };

  /**
   * False where there is one. It comes to its place whole: who finds half a record of somebody who still writes would take
   * that for one that a kill tore, put his own in its place, and leave the other's layer to nobody.
   */
  const putFirst = (path: string, text: string): boolean => {
    const temporary = `${directory}/tmp/${uniqueName('chain')}`;
    writeFileSync(temporary, text, { flag: 'wx' });
    try {
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      if (!withoutLinks.includes(systemCode(error) ?? '')) throw error;
      return tryWrite(path, text);
    } finally {
      unlinkSync(temporary);
    }
  };

  const lastFile = `${directory}/last-block`;
  const lastBlock = (): number => {
    try {
      return Number.parseInt(readFileSync(lastFile, 'latin1'), 10) || 0;
    } catch {
      return 0;
    }
  };

  /** The last of the blocks that this store owns. */
  const takeBlock = (): string => {
    nextBlock ??= prepareFolders();
    for (;;) {
      const block = nextBlock++;
      const path = `${directory}/active/${block}`;
      if (!tryMake(path)) continue;
      writeFileSync(`${path}/owner`, JSON.stringify(ownIdentity()));
      writeFileSync(lastFile, String(block));
      blocks.push(path);
      next = block * blockSize;
      return path;
    }
  };

  const store: ChainStore = {
    layers,
    open() {
      nextBlock ??= prepareFolders();
    },
    layerPath,
    ids(layers) {
      let below: ChainID | undefined;
      return layers.map((layer) => {
        const seen = chained.get(layer);
        const id = seen && seen.below === below ? seen.id : chainIDOn(below, layer.diffID);
        chained.set(layer, { below, id });
        below = id;
        return id;
      });
    },
    lookup(id) {
      const before = known.get(id);
      if (before) return before;
      const record = readRecord(chainFile(id));
      if (!record) return undefined;
      if (!existsSync(layerPath(record.dir))) {
        onDamage?.(record.diffID);
        return undefined;
      }
      known.set(id, record);
      return record;
    },
    forget(id) {
      const record = store.lookup(id);
      known.delete(id);
      rmSync(chainFile(id), { force: true });
      if (record) onDamage?.(record.diffID);
    },
    async settle(id) {
      if (!lease || settled.has(id)) return true;
      const seen = statSync(chainFile(id), { throwIfNoEntry: false });
      const whole = seen !== undefined && (await lease.use(chainFile(id), seen.mtimeMs));
      if (whole) settled.add(id);
      else known.delete(id);
      return whole;
    },
    begin() {
      for (;;) {
        const block = blocks.length > 0 && next % blockSize !== 0 ? blocks.at(-1)! : takeBlock();
        const number = next++;
        const upper = layerPath(number);
        // One that is there was finished by whoever had the block before.
        if (!tryMake(upper)) continue;
        const work = `${block}/${number}`;
        mkdirSync(work);
        return { number, upper, work };
      }
    },
    keep(working, id, layer, { drop = store.discard } = {}) {
      const record = { dir: working.number, ...layer };
      if (!putFirst(chainFile(id), JSON.stringify(record))) {
        known.delete(id);
        const first = store.lookup(id);
        if (first) {
          drop(working);
          return first;
        }
        // What lies there is torn.
        const temporary = `${directory}/tmp/${uniqueName('chain')}`;
        writeFileSync(temporary, JSON.stringify(record), { flag: 'wx' });
        renameSync(temporary, chainFile(id));
      }
      known.set(id, record);
      return record;
    },
    discard(working) {
      trash(working.upper, `layer-${working.number}`);
    },
    discardLater(working) {
      later.push(working);
    },
    release() {
      // In this order: a layer without an owner would be nobody's.
      for (const working of later.splice(0)) store.discard(working);
      for (const block of blocks.splice(0)) trash(block, 'block');
    },
    lockFile: (id) => `${directory}/locks/${hexOf(id)}`,
  };
  return store;
}

function readRecord(file: string): ChainRecord | undefined {
  try {
    return parseRecord(readFileSync(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined where the text is no record. */
export function parseRecord(text: string): ChainRecord | undefined {
  try {
    const { dir, diffID, opaque, form, owners, checksum } = JSON.parse(text) as Partial<ChainRecord>;
    const sound = Number.isSafeInteger(dir) && dir! > 0 && typeof diffID === 'string' && isDigest(diffID);
    if (!sound || !Array.isArray(opaque) || !opaque.every((path) => typeof path === 'string'))
      return undefined;
    if (form !== undefined && form !== 'erofs') return undefined;
    return {
      ...{ dir: dir!, diffID, opaque },
      ...(form && { form }),
      ...(typeof checksum === 'number' && { checksum }),
      ...(owners && { owners }),
    };
  } catch {
    return undefined;
  }
}

/** False where it is there. */
function tryMake(path: string): boolean {
  return unlessThere(() => mkdirSync(path));
}

/** False where the file is there. */
function tryWrite(path: string, text: string): boolean {
  return unlessThere(() => writeFileSync(path, text, { flag: 'wx' }));
}

function unlessThere(make: () => void): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
