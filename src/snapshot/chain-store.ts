// The directory of a snapshotter: finished layers by chainID, and working directories that belong to a process.
//   l/<n>                       finished; 0 and 00 are empty
//   chains/<chainID hex>.json   the commit point: which l/<n> a chain's topmost layer is
//   active/<n>/{owner,upper,work}   being written; owning active/<n> is owning the number n
//   tmp/, trash/, locks/
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { uniqueName } from '../fs/atomic-write.ts';
import type { Lease } from '../fs/lease.ts';
import { ownIdentity } from '../fs/process-identity.ts';
import { type ChainID, type DiffID, hexOf, isDigest } from '../oci/digest.ts';

export interface ChainRecord {
  /** The number of the directory below `l`. */
  dir: number;
  diffID: DiffID;
  /** Clean absolute paths of its opaque directories. */
  opaque: string[];
  /** What lies in the directory: an index over the layer's tar; else the files. */
  form?: 'erofs' | undefined;
}

/** A directory to work in; nobody else touches it. */
export interface WorkingDirectory {
  number: number;
  path: string;
  /** Empty at first; what becomes the layer. */
  upper: string;
  work: string;
}

export interface ChainStore {
  /** Makes the folders where they are missing; before any other call. */
  open(): void;
  /** Where finished layers lie by their number. */
  readonly layers: string;
  layerPath(dir: number): string;
  /** @throws ERR_STORE where the record is damaged. */
  lookup(id: ChainID): ChainRecord | undefined;
  /** Marks a chain that was looked up as used; false where it was deleted meanwhile: look it up again then. */
  settle(id: ChainID): Promise<boolean>;
  begin(): WorkingDirectory;
  /** Makes `upper` the layer of a chain, or drops it where another process was first; returns the record that holds. */
  keep(working: WorkingDirectory, id: ChainID, layer: Omit<ChainRecord, 'dir'>): ChainRecord;
  /** Moves a working directory out of the way; deleting it is the sweep's. */
  discard(working: WorkingDirectory): void;
  lockFile(id: ChainID): string;
}

/** Empty directories: a mount needs lower layers also where an image has none. */
export const emptyLayers: readonly string[] = ['0', '00'];

export function createChainStore(directory: string, lease?: Pick<Lease, 'use'>): ChainStore {
  const known = new Map<ChainID, ChainRecord>();
  const settled = new Set<ChainID>();
  /** The next number to try; undefined until the store is open. */
  let next: number | undefined;

  const layers = `${directory}/l`;
  const layerPath = (dir: number): string => `${layers}/${dir}`;
  const chainFile = (id: ChainID): string => `${directory}/chains/${hexOf(id)}.json`;
  const trash = (path: string, name: string): void =>
    renameSync(path, `${directory}/trash/${uniqueName(name)}`);

  const prepareFolders = (): number => {
    for (const name of [...emptyLayers.map((layer) => `l/${layer}`), 'chains', 'active', 'tmp', 'trash']) {
      mkdirSync(`${directory}/${name}`, { recursive: true });
    }
    const used = [...readdirSync(layers), ...readdirSync(`${directory}/active`)].map(Number);
    return used.reduce((a, b) => Math.max(a, b), 0) + 1;
  };

  const store: ChainStore = {
    layers,
    open() {
      next ??= prepareFolders();
    },
    layerPath,
    lookup(id) {
      const record = known.get(id) ?? readRecord(chainFile(id));
      if (record) known.set(id, record);
      return record;
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
      next ??= prepareFolders();
      const made = `${directory}/tmp/${uniqueName('active')}`;
      mkdirSync(made);
      writeFileSync(`${made}/owner`, JSON.stringify(ownIdentity()));
      mkdirSync(`${made}/upper`);
      mkdirSync(`${made}/work`);
      for (;;) {
        const number = next++;
        const path = `${directory}/active/${number}`;
        if (existsSync(layerPath(number)) || !tryRename(made, path)) continue;
        // Its last owner may have finished l/<n> between the two looks.
        if (existsSync(layerPath(number))) renameSync(path, made);
        else return { number, path, upper: `${path}/upper`, work: `${path}/work` };
      }
    },
    keep(working, id, layer) {
      const record = { dir: working.number, ...layer };
      const temporary = `${directory}/tmp/${uniqueName('chain')}`;
      renameSync(working.upper, layerPath(record.dir));
      writeFileSync(temporary, JSON.stringify(record), { flag: 'wx' });
      const first = tryLink(temporary, chainFile(id));
      unlinkSync(temporary);
      if (!first) trash(layerPath(record.dir), 'lost');
      store.discard(working);
      return store.lookup(id) ?? record;
    },
    discard(working) {
      trash(working.path, String(working.number));
    },
    lockFile: (id) => `${directory}/locks/${hexOf(id)}`,
  };
  return store;
}

function readRecord(file: string): ChainRecord | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const record = parseRecord(text);
  if (record) return record;
  throw new SlipwayError('ERR_STORE', `the snapshot record ${file} is damaged`, {
    hint: 'delete the file: the layer is unpacked again',
  });
}

/** Undefined where the text is no record. */
export function parseRecord(text: string): ChainRecord | undefined {
  try {
    const { dir, diffID, opaque, form } = JSON.parse(text) as Partial<ChainRecord>;
    const sound = Number.isSafeInteger(dir) && dir! > 0 && typeof diffID === 'string' && isDigest(diffID);
    if (!sound || !Array.isArray(opaque) || !opaque.every((path) => typeof path === 'string'))
      return undefined;
    if (form !== undefined && form !== 'erofs') return undefined;
    return { dir: dir!, diffID, opaque, ...(form && { form }) };
  } catch {
    return undefined;
  }
}

/** False where the target is there: a directory that holds something is never replaced. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
