// Directories as blocks that the kernel searches by halving: records of the names in the order of their bytes, then the names.
import { pathBytes } from '../fs/path-bytes.ts';
import { blockSize, direntSize, direntType } from './format.ts';
import type { ErofsNode } from './node.ts';

/** The longest name of a file on Linux. */
const longestName = 255;

export interface DirectoryName {
  /** The bytes of the name, one in each character. */
  bytes: string;
  node: ErofsNode;
}

/** The names of a directory in their order, `.` and `..` among them. */
export function namesOf(node: ErofsNode, parent: ErofsNode): DirectoryName[] {
  const names = [
    { bytes: '.', node },
    { bytes: '..', node: parent },
  ];
  for (const [name, child] of node.children) {
    const bytes = pathBytes(name).toString('latin1');
    if (bytes.length > longestName) throw new RangeError(`a name has ${bytes.length} bytes`);
    names.push({ bytes, node: child });
  }
  return names.sort((one, other) => (one.bytes < other.bytes ? -1 : 1));
}

/** How many of the names from `start` on fit into a block, and the bytes that they take. */
function fill(names: readonly DirectoryName[], start: number): { end: number; size: number } {
  let end = start;
  let size = 0;
  for (; end < names.length; end++) {
    const more = direntSize + names[end]!.bytes.length;
    if (size + more > blockSize) break;
    size += more;
  }
  return { end, size };
}

/** Bytes of a directory: whole blocks, and what is used of the last. */
export function directorySize(names: readonly DirectoryName[]): number {
  let blocks = 0;
  for (let start = 0; ; blocks++) {
    const { end, size } = fill(names, start);
    if (end === names.length) return blocks * blockSize + size;
    start = end;
  }
}

/** @param to as long as `directorySize` says, zeros. */
export function writeDirectory(
  to: Buffer,
  names: readonly DirectoryName[],
  numberOf: (node: ErofsNode) => number,
): void {
  let block = 0;
  for (let start = 0; start < names.length; block += blockSize) {
    const { end } = fill(names, start);
    let nameAt = (end - start) * direntSize;
    for (let index = start; index < end; index++) {
      const { bytes, node } = names[index]!;
      const at = block + (index - start) * direntSize;
      to.writeUInt32LE(numberOf(node), at);
      to.writeUInt16LE(nameAt, at + 8);
      to.writeUInt8(direntType(node.type), at + 10);
      to.write(bytes, block + nameAt, 'latin1');
      nameAt += bytes.length;
    }
    start = end;
  }
}
