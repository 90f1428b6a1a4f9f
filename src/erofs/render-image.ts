// Renders an EROFS image that holds names and metadata alone: the content of files stays in other files, its devices.
import { pathBytes } from '../fs/path-bytes.ts';
import { namesOf, writeDirectory } from './directory.ts';
import {
  blockSize,
  chunkForm,
  chunkSize,
  deviceNumber,
  deviceSlotSize,
  inodeSize,
  inodeSlot,
  layouts,
  superblockOffset,
  superblockSize,
  writeChunk,
  writeDeviceSlot,
  writeInode,
  writeSuperblock,
} from './format.ts';
import { layOut, type Place } from './layout.ts';
import type { ErofsNode } from './node.ts';
import { writeXattrs } from './xattrs.ts';

const pieceSize = 1 << 20;

/** A part of the image that is being filled. */
interface Piece {
  base: number;
  room: number;
  /** Zeros for the gap before the next part, too, which may begin with a block. */
  bytes: Buffer;
}

function newPiece(base: number, length: number): Piece {
  const room = Math.max(pieceSize, length);
  return { base, room, bytes: Buffer.alloc(room + blockSize) };
}

/**
 * The image in pieces, in their order. The same tree gives the same bytes.
 * @param devices sizes in bytes of the files that hold the content, in the order of their numbers.
 */
export function* renderImage(root: ErofsNode, devices: readonly number[]): Generator<Buffer> {
  const { places, size } = layOut(root, devices.length);
  const numberOf = (node: ErofsNode): number => places.get(node)!.position / inodeSlot;

  let piece = newPiece(0, 0);
  /** Bytes of the image; they are asked for in rising order. */
  function* reserve(at: number, length: number): Generator<Buffer, Buffer> {
    if (at + length > piece.base + piece.room) {
      yield piece.bytes.subarray(0, at - piece.base);
      piece = newPiece(at, length);
    }
    return piece.bytes.subarray(at - piece.base, at - piece.base + length);
  }

  writeSuperblock(yield* reserve(superblockOffset, superblockSize), {
    ...{ rootNumber: numberOf(root), inodes: places.size },
    ...{ blocks: size / blockSize, devices: devices.length },
  });
  for (const [index, bytes] of devices.entries()) {
    const at = superblockOffset + superblockSize + index * deviceSlotSize;
    writeDeviceSlot(yield* reserve(at, deviceSlotSize), Math.ceil(bytes / blockSize));
  }
  let inode = 0;
  for (const place of places.values()) {
    const { position, data, layout, node } = place;
    const isBeside = layout !== layouts.plain;
    const end = isBeside ? data + (layout === layouts.chunks ? chunkSize : place.size) : position + inodeSize;
    const length = Math.max(end - position, inodeSize + place.xattrs);
    const to = yield* reserve(position, length);
    writeInode(to, node, {
      ...{ layout, xattrs: place.xattrs, size: place.size, inode: ++inode, links: place.links },
      data: dataField(place),
    });
    if (place.xattrs > 0) writeXattrs(to.subarray(inodeSize), node.xattrs);
    if (layout === layouts.chunks) writeChunk(to.subarray(data - position), node.content!);
    else if (isBeside) writeData(to.subarray(data - position), place, numberOf);
  }
  for (const place of places.values()) {
    if (place.layout !== layouts.plain || place.data === 0) continue;
    writeData(yield* reserve(place.data, place.size), place, numberOf);
  }
  yield piece.bytes.subarray(0, size - piece.base);
}

function dataField({ node, layout, size, data }: Place): number {
  if (node.type === 'char' || node.type === 'block') return deviceNumber(node.major, node.minor);
  if (layout === layouts.chunks) return chunkForm(size);
  return layout === layouts.plain ? data / blockSize : 0;
}

function writeData(to: Buffer, { node, parent }: Place, numberOf: (node: ErofsNode) => number): void {
  if (node.type === 'dir') writeDirectory(to, namesOf(node, parent), numberOf);
  else pathBytes(node.linkTarget).copy(to);
}
