// What was made of a layer's tar, held against it: an unpacked folder by names, types and sizes; an index by where it points.
import { closeSync, createReadStream, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { superblockOffset, superblockSize } from '../../erofs/format.ts';
import { createImageReader } from '../../erofs/read-image.ts';
import { isSlipwayError } from '../../errors.ts';
import { encodePath } from '../../fs/path-bytes.ts';
import { cleanPath } from '../../layer/clean-path.ts';
import { readMark } from '../../layer/read-mark.ts';
import { readTar, type TarEntry } from '../../layer/tar-reader.ts';

/** What a path is in the end: of the entries for one path, and for those above it, the last holds. */
type Wanted = Pick<TarEntry, 'type' | 'size'>;

/** So many paths that look wrong at first are looked at again; with more, it is wrong. */
const mostDoubts = 10_000;

/** @param tar undefined: only whether the folder is there */
export async function folderProblem(
  directory: string,
  tar: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return 'leads to no folder';
  if (tar === undefined) return undefined;
  const doubts = new Map<string, string>();
  try {
    for await (const entry of readTar(createReadStream(tar, { highWaterMark: 1 << 20 }), { signal })) {
      const path = cleanPath(entry.path);
      // A later entry puts another in the place of an earlier one, and of what is below.
      if (doubts.size > 0) forget(doubts, path);
      if (path === '' || readMark(path) !== undefined) continue;
      const what = entryProblem(join(directory, path), entry);
      if (what !== undefined) doubts.set(path, what);
      if (doubts.size > mostDoubts) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    // The layer is no archive that could have been unpacked so.
    if (!isSlipwayError(error)) throw error;
  }
  const [first] = doubts;
  return first && `${doubts.size === 1 ? '' : `has ${doubts.size} wrong entries: `}${first[0]} ${first[1]}`;
}

function forget(doubts: Map<string, string>, path: string): void {
  doubts.delete(path);
  for (const other of doubts.keys()) if (other.startsWith(`${path}/`)) doubts.delete(other);
}

function entryProblem(path: string, { type, size }: Wanted): string | undefined {
  const found = lstatSync(encodePath(path), { throwIfNoEntry: false });
  if (!found) return 'is missing';
  const isRight = {
    file: found.isFile(),
    link: !found.isDirectory(),
    symlink: found.isSymbolicLink(),
    dir: found.isDirectory(),
    char: found.isCharacterDevice(),
    block: found.isBlockDevice(),
    fifo: found.isFIFO(),
  }[type];
  // Whoever may make no devices has a file in their place.
  if (!isRight && type !== 'char' && type !== 'block') return `is no ${type}`;
  return type === 'file' && found.size !== size ? `has ${found.size} bytes, and not ${size}` : undefined;
}

/** @param tar undefined: the layer may lie there in another form, or not at all, and the index is looked at alone */
export function indexProblem(directory: string, tar: string | undefined): string | undefined {
  const path = join(directory, 'index.erofs');
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return 'leads to no index';
  }
  try {
    const { size } = fstatSync(fd);
    if (size <= superblockOffset) return 'leads to an index that is cut short';
    return walkProblem(fd, tar === undefined ? undefined : statSync(tar).size);
  } catch (error) {
    return `leads to an index that can't be read: ${(error as Error).message}`;
  } finally {
    closeSync(fd);
  }
}

/** Where a superblock says how many devices besides the image there are. */
const devicesAt = 86;

/** Every name leads to an inode, and every content into the tar. */
function walkProblem(fd: number, tarSize: number | undefined): string | undefined {
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  };
  const image = createImageReader(read);
  // Of an index over several layers it is not known here which tars those are.
  const end = read(superblockOffset, superblockSize).readUInt16LE(devicesAt) === 1 ? tarSize : undefined;
  const open = [image.root];
  const seen = new Set(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { name, number, type } of image.names(next)) {
      const inode = image.inode(number);
      if (inode.type !== type) return `leads to an index in which ${name} is damaged`;
      if (type === 'dir' && !seen.has(number)) {
        seen.add(number);
        open.push(number);
      }
      const { content } = inode;
      if (content && end !== undefined && content.offset + inode.size > end)
        return `leads to an index that points behind the end of the layer, for ${name}`;
    }
  }
  return undefined;
}
