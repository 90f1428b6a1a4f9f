// EROFS on disk (Linux, Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h): sizes, and the encoding of each record.
// All numbers are little-endian.
import type { EntryType } from '../seams.ts';
import type { ErofsNode } from './node.ts';

/** Blocks have 512 bytes, as those of a tar: so its content can be pointed at. */
export const tarBlockBits = 9;
export const superblockOffset = 1024;
export const superblockSize = 128;
export const deviceSlotSize = 128;
/** Inodes are numbered by where they stand, in units of this. */
export const inodeSlot = 32;
/** The long form of an inode: 32-bit owners, nanoseconds. */
export const inodeSize = 64;
/** One part of a file's content: where it is. */
export const chunkSize = 8;
export const direntSize = 12;

const magic = 0xe0f5e1e2;
const featureChunkedFile = 0x4;
const featureDeviceTable = 0x8;
/** Chunks are described by 8 bytes each: a device and a block of it. */
const chunkIndexes = 1 << 5;

/** How the content of an inode is laid out. */
export const layouts = { plain: 0, inline: 2, chunks: 4 } as const;
export type DataLayout = (typeof layouts)[keyof typeof layouts];

const formats: Record<EntryType, { mode: number; dirent: number }> = {
  file: { mode: 0o100000, dirent: 1 },
  dir: { mode: 0o040000, dirent: 2 },
  char: { mode: 0o020000, dirent: 3 },
  block: { mode: 0o060000, dirent: 4 },
  fifo: { mode: 0o010000, dirent: 5 },
  socket: { mode: 0o140000, dirent: 6 },
  symlink: { mode: 0o120000, dirent: 7 },
};

export const direntType = (type: EntryType): number => formats[type].dirent;

/** @param mode as st_mode has it. */
export function typeOf(mode: number): EntryType {
  for (const type in formats)
    if (formats[type as EntryType].mode === (mode & 0o170000)) return type as EntryType;
  throw new RangeError(`an image has a file of the mode ${mode.toString(8)}`);
}

export interface Superblock {
  blockBits: number;
  /** Below 65536. */
  rootNumber: number;
  inodes: number;
  /** Of the image itself. */
  blocks: number;
  devices: number;
}

export function writeSuperblock(to: Buffer, at: Superblock): void {
  to.writeUInt32LE(magic, 0);
  to.writeUInt8(at.blockBits, 12);
  to.writeUInt16LE(at.rootNumber, 14);
  to.writeBigUInt64LE(BigInt(at.inodes), 16);
  to.writeUInt32LE(at.blocks, 36);
  to.writeUInt32LE(featureChunkedFile | (at.devices > 0 ? featureDeviceTable : 0), 80);
  to.writeUInt16LE(at.devices, 86);
  to.writeUInt16LE((superblockOffset + superblockSize) / deviceSlotSize, 88);
}

/** @param blocks how many the device has. */
export function writeDeviceSlot(to: Buffer, blocks: number): void {
  to.writeUInt32LE(blocks, 64);
}

export interface InodeFields {
  /** `xattrs` as `xattrsSize` gives it. */
  place: { layout: DataLayout; xattrs: number; size: number; links: number };
  /** Block of the data, device number or form of the chunks. */
  data: number;
  inode: number;
}

export function writeInode(to: Buffer, node: ErofsNode, { place, data, inode }: InodeFields): void {
  const { layout, xattrs, size, links } = place;
  to.writeUInt16LE(1 | (layout << 1), 0);
  to.writeUInt16LE(xattrs === 0 ? 0 : (xattrs - 12) / 4 + 1, 2);
  to.writeUInt16LE(formats[node.type].mode | node.mode, 4);
  writeWide(to, size, 8);
  to.writeUInt32LE(data, 16);
  to.writeUInt32LE(inode, 20);
  to.writeUInt32LE(node.uid, 24);
  to.writeUInt32LE(node.gid, 28);
  writeWide(to, node.seconds, 32);
  to.writeUInt32LE(node.nanoseconds, 40);
  to.writeUInt32LE(links, 44);
}

/** In 64 bits. */
function writeWide(to: Buffer, value: number, at: number): void {
  to.writeInt32LE(value | 0, at);
  to.writeInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

/** A device's number as Linux writes it in 32 bits. */
export const deviceNumber = (major: number, minor: number): number =>
  ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;

/** The form of a file's one chunk: the smallest power of two of blocks that holds all of it. */
export function chunkForm(size: number, blockSize: number): number {
  let bits = 0;
  while (blockSize * 2 ** bits < size) bits++;
  return chunkIndexes | bits;
}

/** @param block of the device. */
export function writeChunk(to: Buffer, at: { device: number; block: number }): void {
  to.writeUInt16LE(at.device, 2);
  to.writeUInt32LE(at.block, 4);
}
