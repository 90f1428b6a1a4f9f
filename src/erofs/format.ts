// EROFS on disk (Linux, Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h): sizes, and the encoding of each record.
// All numbers are little-endian. Blocks have 512 bytes, as those of a tar: so its content can be pointed at.
import type { EntryType } from '../seams.ts';
import type { ErofsNode } from './node.ts';

export const blockBits = 9;
export const blockSize = 1 << blockBits;
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

export interface Superblock {
  /** Below 65536. */
  rootNumber: number;
  inodes: number;
  /** Of the image itself. */
  blocks: number;
  devices: number;
}

export function writeSuperblock(to: Buffer, at: Superblock): void {
  to.writeUInt32LE(magic, 0);
  to.writeUInt8(blockBits, 12);
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
  layout: DataLayout;
  /** Bytes of its extended attributes, as `xattrsSize` gives them. */
  xattrs: number;
  size: number;
  /** Block of the data, device number or form of the chunks. */
  data: number;
  inode: number;
  links: number;
}

export function writeInode(to: Buffer, node: ErofsNode, fields: InodeFields): void {
  const billion = 1_000_000_000n;
  const nanoseconds = ((node.mtime % billion) + billion) % billion;
  to.writeUInt16LE(1 | (fields.layout << 1), 0);
  to.writeUInt16LE(fields.xattrs === 0 ? 0 : (fields.xattrs - 12) / 4 + 1, 2);
  to.writeUInt16LE(formats[node.type].mode | node.mode, 4);
  to.writeBigUInt64LE(BigInt(fields.size), 8);
  to.writeUInt32LE(fields.data, 16);
  to.writeUInt32LE(fields.inode, 20);
  to.writeUInt32LE(node.uid, 24);
  to.writeUInt32LE(node.gid, 28);
  to.writeBigInt64LE((node.mtime - nanoseconds) / billion, 32);
  to.writeUInt32LE(Number(nanoseconds), 40);
  to.writeUInt32LE(fields.links, 44);
}

/** A device's number as Linux writes it in 32 bits. */
export const deviceNumber = (major: number, minor: number): number =>
  ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;

/** The form of a file's one chunk: the smallest power of two of blocks that holds all of it. */
export function chunkForm(size: number): number {
  let bits = 0;
  while (blockSize * 2 ** bits < size) bits++;
  return chunkIndexes | bits;
}

export function writeChunk(to: Buffer, content: { device: number; offset: number }): void {
  to.writeUInt16LE(content.device, 2);
  to.writeUInt32LE(content.offset / blockSize, 4);
}
