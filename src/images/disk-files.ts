// What files and folders take of a disk: blocks, as du counts them, and not lengths.
import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';

export interface DiskFile {
  path: string;
  name: string;
  /** Bytes on disk. */
  size: number;
  /** Bytes of its content. */
  length: number;
  /** Milliseconds since 1970. */
  mtime: number;
  isFolder: boolean;
  isFile: boolean;
}

const blockSize = 512;
/** So many entries are looked at before others get a turn. */
const batch = 2_000;

/** What lies deeper than a path can say counts as nothing: a step can make that, and it has to be deletable. */
function missing(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? '')) return undefined;
  throw diskError(error, 'looking at the disk');
}

function statOf(path: string | Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    return missing(error);
  }
}

const sizeOf = (stat: Stats): number => (stat.blocks ?? Math.ceil(stat.size / blockSize)) * blockSize;

/** Undefined where it is not there. */
export function diskFile(path: string, name = ''): DiskFile | undefined {
  const stat = statOf(path);
  return (
    stat && {
      ...{ path, name, size: sizeOf(stat), length: stat.size, mtime: stat.mtimeMs },
      ...{ isFolder: stat.isDirectory(), isFile: stat.isFile() },
    }
  );
}

/** What a folder holds, itself and not what is below; empty where there is none. */
export function filesIn(folder: string): DiskFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    missing(error);
    return [];
  }
  return names.sort().flatMap((name) => diskFile(join(folder, name), name) ?? []);
}

/** Bytes of a file, or of a folder with all that is below; a file of several names counts once. */
export async function treeSize(path: string, signal: AbortSignal): Promise<number> {
  const seen = new Set<string>();
  // Names that are no UTF-8 are files, too.
  const open: Buffer[] = [Buffer.from(path)];
  let size = 0;
  let looked = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const stat = statOf(next);
    if (!stat) continue;
    if (++looked % batch === 0) {
      signal.throwIfAborted();
      await turn();
    }
    if (!stat.isDirectory() && stat.nlink > 1) {
      const file = `${stat.dev} ${stat.ino}`;
      if (seen.has(file)) continue;
      seen.add(file);
    }
    size += sizeOf(stat);
    if (stat.isDirectory()) for (const entry of entriesOf(next)) open.push(below(next, entry.name));
  }
  return size;
}

const below = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, Buffer.from('/'), name]);

function entriesOf(folder: Buffer): Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }) as unknown as Dirent<Buffer>[];
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return [];
    missing(error);
    return [];
  }
}
