// Renders an EROFS image that holds names and metadata alone: the content of files stays in other files, its devices.
import { pathBytes } from '../fs/path-bytes.ts';
import { writeDirectory } from './directory.ts';
import {
  chunkForm,
  chunkSize,
  deviceNumber,
  deviceSlotSize,
  inodeSize,
  inodeSlot,
  layouts,
  superblockOffset,
  superblockSize,
  tarBlockBits,
  writeChunk,
  writeDeviceSlot,
  writeInode,
  writeSuperblock,
} from './format.ts';
import { layOut, type Place } from './layout.ts';
import type { ErofsNode } from './node.ts';
import type { NodeTable } from './node-table.ts';
import { writeXattrs } from './xattrs.ts';

const pieceSize = 1 << 20;

export interface ImageOptions {
  root: number;
  /** Sizes in bytes of the files that hold the content, in the order of their numbers. */
  devices: readonly number[];
  /** Bits of a block's size; content begins at multiples of that. 9 where not given. */
  blockBits?: number;
}

/** A part of the image that is being filled. */
interface Piece {
  base: number;
  room: number;
  /** Zeros for the gap before the next part, too, which may begin with a block. */
  bytes: Buffer;
}

/** The image in pieces, in their order. The same tree gives the same bytes. */
export function* renderImage(
  nodes: NodeTable,
  { root, devices, blockBits = tarBlockBits }: ImageOptions,
): Generator<Buffer> {
  const blockSize = 1 << blockBits;
  const image = layOut(nodes, { root, devices: devices.length, blockSize });
  const numberOf = (node: number): number => image.position(node) / inodeSlot;
  const form = { names: nodes.names, blockSize };

  const newPiece = (base: number, length: number): Piece => {
    const room = Math.max(pieceSize, length);
    return { base, room, bytes: Buffer.alloc(room + blockSize) };
  };
  let piece = newPiece(0, 0);
  /** Bytes of the image; they are asked for in rising order. */
  function* reserve(at: number, length: number): Generator<Buffer, Buffer> {
    if (at + length > piece.base + piece.room) {
      yield piece.bytes.subarray(0, at - piece.base);
      piece = newPiece(at, length);
    }
    return piece.bytes.subarray(at - piece.base, at - piece.base + length);
  }

  function writeData(to: Buffer, node: number): void {
    if (nodes.type(node) !== 'dir') pathBytes(nodes.linkTarget(node)).copy(to);
    else
      writeDirectory(to, { sorted: image.names(node), form }, (name) => {
        const target = image.target(node, name);
        return { number: numberOf(target), type: nodes.type(target) };
      });
  }

  function dataField(node: ErofsNode, { layout, size, data }: Place): number {
    if (node.type === 'char' || node.type === 'block') return deviceNumber(node.major, node.minor);
    if (layout === layouts.chunks) return chunkForm(size, blockSize);
    return layout === layouts.plain ? data / blockSize : 0;
  }

  writeSuperblock(yield* reserve(superblockOffset, superblockSize), {
    ...{ blockBits, rootNumber: numberOf(root), inodes: image.order.length },
    ...{ blocks: image.size / blockSize, devices: devices.length },
  });
  for (const [index, bytes] of devices.entries()) {
    const at = superblockOffset + superblockSize + index * deviceSlotSize;
    writeDeviceSlot(yield* reserve(at, deviceSlotSize), Math.ceil(bytes / blockSize));
  }
  let inode = 0;
  for (const number of image.order) {
    const place = image.place(number);
    const { position, data, layout } = place;
    const node = nodes.get(number);
    const isBeside = layout !== layouts.plain;
    const end = isBeside ? data + (layout === layouts.chunks ? chunkSize : place.size) : position + inodeSize;
    const length = Math.max(end - position, inodeSize + place.xattrs);
    const to = yield* reserve(position, length);
    writeInode(to, node, { place, inode: ++inode, data: dataField(node, place) });
    if (place.xattrs > 0) writeXattrs(to.subarray(inodeSize), node.xattrs);
    if (layout === layouts.chunks) {
      const { device, offset } = node.content!;
      writeChunk(to.subarray(data - position), { device, block: offset / blockSize });
    } else if (isBeside) writeData(to.subarray(data - position), number);
  }
  for (const number of image.order) {
    const { layout, data, size } = image.place(number);
    if (layout === layouts.plain && data > 0) writeData(yield* reserve(data, size), number);
  }
  yield piece.bytes.subarray(0, image.size - piece.base);
}
