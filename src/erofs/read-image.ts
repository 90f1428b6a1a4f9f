// Reads the images that render-image.ts makes: what they say of a file, for who wants to know it without a mount.
import { decodeName } from '../fs/path-bytes.ts';
import type { EntryType } from '../seams.ts';
import { chunkSize, direntSize, inodeSize, inodeSlot, layouts, superblockOffset, typeOf } from './format.ts';
import { readXattrs } from './xattrs.ts';

export interface ImageInode {
  number: number;
  type: EntryType;
  mode: number;
  uid: number;
  gid: number;
  /** Nanoseconds since 1970. */
  mtime: bigint;
  links: number;
  size: number;
  major: number;
  minor: number;
  /** Of a file that is not empty: the number of the device that holds it, the first is 1, and where. */
  content: { device: number; offset: number } | undefined;
}

export interface ImageReader {
  readonly root: number;
  inode(number: number): ImageInode;
  /** Of a directory, without `.` and `..`. */
  names(number: number): { name: string; type: EntryType; number: number }[];
  linkTarget(number: number): string;
  xattrs(number: number): Record<string, Buffer>;
}

/** @param read gives bytes of the image; they may be fewer at its end. */
export function createImageReader(read: (at: number, length: number) => Buffer): ImageReader {
  const top = read(superblockOffset, 128);
  const blockSize = 1 << top.readUInt8(12);

  const head = (number: number): Buffer => read(number * inodeSlot, inodeSize);
  function xattrsLength(bytes: Buffer): number {
    const count = bytes.readUInt16LE(2);
    return count === 0 ? 0 : 12 + (count - 1) * 4;
  }
  const wide = (bytes: Buffer, at: number): number => Number(bytes.readBigInt64LE(at));

  /** The bytes of a directory or a link. */
  function data(number: number): Buffer {
    const bytes = head(number);
    const size = wide(bytes, 8);
    const isBeside = bytes.readUInt16LE(0) >> 1 === layouts.inline;
    const beside = number * inodeSlot + inodeSize + xattrsLength(bytes);
    return read(isBeside ? beside : bytes.readUInt32LE(16) * blockSize, size);
  }

  function contentOf(number: number, bytes: Buffer): ImageInode['content'] {
    if (bytes.readUInt16LE(0) >> 1 !== layouts.chunks) return undefined;
    const end = number * inodeSlot + inodeSize + xattrsLength(bytes);
    const chunk = read(Math.ceil(end / chunkSize) * chunkSize, chunkSize);
    return { device: chunk.readUInt16LE(2), offset: chunk.readUInt32LE(4) * blockSize };
  }

  return {
    root: top.readUInt16LE(14),
    inode(number) {
      const bytes = head(number);
      const type = typeOf(bytes.readUInt16LE(4));
      const device = type === 'char' || type === 'block' ? bytes.readUInt32LE(16) : 0;
      return {
        ...{ number, type, mode: bytes.readUInt16LE(4) & 0o7777 },
        ...{ uid: bytes.readUInt32LE(24), gid: bytes.readUInt32LE(28) },
        mtime: bytes.readBigInt64LE(32) * 1_000_000_000n + BigInt(bytes.readUInt32LE(40)),
        ...{ links: bytes.readUInt32LE(44), size: type === 'file' ? wide(bytes, 8) : 0 },
        ...{ major: (device >> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) },
        content: contentOf(number, bytes),
      };
    },
    names(number) {
      const bytes = data(number);
      const found: ReturnType<ImageReader['names']> = [];
      for (let start = 0; start < bytes.length; start += blockSize) {
        const block = bytes.subarray(start, start + blockSize);
        const count = block.readUInt16LE(8) / direntSize;
        for (let index = 0; index < count; index++) {
          const at = index * direntSize;
          const from = block.readUInt16LE(at + 8);
          const end = index + 1 < count ? block.readUInt16LE(at + direntSize + 8) : block.length;
          const raw = block.subarray(from, end);
          const nul = raw.indexOf(0);
          const name = decodeName(nul < 0 ? raw : raw.subarray(0, nul));
          const target = block.readUInt32LE(at);
          if (name !== '.' && name !== '..')
            found.push({ name, number: target, type: typeOf(head(target).readUInt16LE(4)) });
        }
      }
      return found;
    },
    linkTarget: (number) => decodeName(data(number)),
    xattrs(number) {
      const length = xattrsLength(head(number));
      return length === 0 ? {} : readXattrs(read(number * inodeSlot + inodeSize, length));
    },
  };
}
