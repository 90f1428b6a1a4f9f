// Directories as blocks that the kernel searches by halving: records of the names in the order of their bytes, then the names.
import type { EntryType } from '../seams.ts';
import { direntSize, direntType } from './format.ts';
import type { NameTable } from './name-table.ts';

/** In place, by their bytes. */
export function sortNames(list: Uint32Array, names: NameTable): void {
  for (let index = 1; index < list.length; index++) {
    if (names.compare(list[index - 1]!, list[index]!) <= 0) continue;
    list.sort(names.compare);
    return;
  }
}

export interface DirectoryForm {
  names: NameTable;
  blockSize: number;
}

/** How many of the names from `start` on fit into a block, and the bytes that they take. */
function fill(sorted: Uint32Array, start: number, form: DirectoryForm): { end: number; size: number } {
  let end = start;
  let size = 0;
  for (; end < sorted.length; end++) {
    const more = direntSize + form.names.lengthOf(sorted[end]!);
    if (size + more > form.blockSize) break;
    size += more;
  }
  return { end, size };
}

/** Bytes of a directory: whole blocks, and what is used of the last. */
export function directorySize(sorted: Uint32Array, form: DirectoryForm): number {
  let blocks = 0;
  for (let start = 0; ; blocks++) {
    const { end, size } = fill(sorted, start, form);
    if (end === sorted.length) return blocks * form.blockSize + size;
    start = end;
  }
}

/**
 * @param to as long as `directorySize` says, zeros.
 * @param target the inode's number and type of a name.
 */
export function writeDirectory(
  to: Buffer,
  { sorted, form }: { sorted: Uint32Array; form: DirectoryForm },
  target: (name: number) => { number: number; type: EntryType },
): void {
  let block = 0;
  for (let start = 0; start < sorted.length; block += form.blockSize) {
    const { end } = fill(sorted, start, form);
    let nameAt = (end - start) * direntSize;
    for (let index = start; index < end; index++) {
      const name = sorted[index]!;
      const at = block + (index - start) * direntSize;
      const { number, type } = target(name);
      to.writeUInt32LE(number, at);
      to.writeUInt16LE(nameAt, at + 8);
      to.writeUInt8(direntType(type), at + 10);
      nameAt += form.names.bytesOf(name).copy(to, block + nameAt);
    }
    start = end;
  }
}
