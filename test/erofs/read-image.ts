// Reads EROFS images as the kernel documents them, and fails where it would: for tests of who writes them.
import { decodeName } from '../../src/fs/path-bytes.ts';

export interface ReadInode {
  number: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
  links: number;
  size: number;
  rdev: number;
  xattrs: Record<string, string>;
  /** Of directories, in the order of the image, without `.` and `..`. */
  names: Map<string, number>;
  target: string;
  content: { device: number; offset: number; room: number } | undefined;
}

const prefixes: Record<number, string> = { 1: 'user.', 4: 'trusted.', 6: 'security.' };

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the image is wrong: ${what}`);
}

export function readImage(image: Buffer): {
  root: number;
  inodes: number;
  devices: number[];
  inode(number: number): ReadInode;
} {
  const top = image.subarray(1024);
  check(top.readUInt32LE(0) === 0xe0f5e1e2, 'magic');
  check(top.readUInt8(12) === 9, 'block size');
  check(image.length === top.readUInt32LE(36) * 512, 'length');
  const base = top.readUInt32LE(40) * 512;
  const slots = top.readUInt16LE(88) * 128;
  const devices = Array.from({ length: top.readUInt16LE(86) }, (_, n) =>
    image.readUInt32LE(slots + n * 128 + 64),
  );

  function inode(number: number): ReadInode {
    const at = base + number * 32;
    const format = image.readUInt16LE(at);
    check((format & 1) === 1 && Math.floor(at / 512) === Math.floor((at + 63) / 512), `inode ${number}`);
    const count = image.readUInt16LE(at + 2);
    const xattrsEnd = at + 64 + (count === 0 ? 0 : 12 + (count - 1) * 4);
    const mode = image.readUInt16LE(at + 4);
    const size = Number(image.readBigUInt64LE(at + 8));
    const data = image.readUInt32LE(at + 16);
    const layout = format >> 1;
    const type = mode & 0o170000;
    const isDirectory = type === 0o040000;
    const bytes = (): Buffer => {
      if (layout === 0) return image.subarray(data * 512, data * 512 + size);
      check(layout === 2, `layout ${layout}`);
      check((xattrsEnd % 512) + size <= 512, 'data beside an inode lies in two blocks');
      return image.subarray(xattrsEnd, xattrsEnd + size);
    };
    return {
      ...{ number, mode, size, links: image.readUInt32LE(at + 44) },
      ...{ uid: image.readUInt32LE(at + 24), gid: image.readUInt32LE(at + 28) },
      mtime: image.readBigInt64LE(at + 32) * 1_000_000_000n + BigInt(image.readUInt32LE(at + 40)),
      rdev: type === 0o020000 || type === 0o060000 ? data : 0,
      xattrs: readXattrs(image.subarray(at + 64, xattrsEnd)),
      names: isDirectory ? readNames(bytes(), number) : new Map(),
      target: type === 0o120000 ? decodeName(bytes()) : '',
      content: layout === 4 ? readChunk(xattrsEnd, data, size) : undefined,
    };
  }

  function readChunk(end: number, form: number, size: number): ReadInode['content'] {
    const at = Math.ceil(end / 8) * 8;
    check((form & ~0x1f) === 0x20, 'form of chunks');
    const room = 512 * 2 ** (form & 0x1f);
    check(room >= size, 'a chunk is too small');
    return { device: image.readUInt16LE(at + 2), offset: image.readUInt32LE(at + 4) * 512, room };
  }

  function readNames(bytes: Buffer, self: number): Map<string, number> {
    const names = new Map<string, number>();
    let last = '';
    for (let start = 0; start < bytes.length; start += 512) {
      const block = bytes.subarray(start, start + 512);
      const count = block.readUInt16LE(8) / 12;
      for (let n = 0; n < count; n++) {
        const from = block.readUInt16LE(n * 12 + 8);
        const end = n + 1 < count ? block.readUInt16LE((n + 1) * 12 + 8) : block.length;
        const raw = block.subarray(from, end);
        const nul = raw.indexOf(0);
        const name = nul < 0 ? raw : raw.subarray(0, nul);
        const order = name.toString('latin1');
        check(order > last, `${order} stands after ${last}`);
        last = order;
        const number = block.readUInt32LE(n * 12);
        if (order === '.') check(number === self, 'a directory is not its own');
        else if (order !== '..') names.set(decodeName(name), number);
      }
    }
    return names;
  }

  return { root: top.readUInt16LE(14), inodes: Number(top.readBigUInt64LE(16)), devices, inode };
}

function readXattrs(body: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 12; at < body.length; ) {
    const names = body.readUInt8(at);
    const values = body.readUInt16LE(at + 2);
    const name = prefixes[body.readUInt8(at + 1)] + body.toString('utf8', at + 4, at + 4 + names);
    found[name] = body.toString('hex', at + 4 + names, at + 4 + names + values);
    at += Math.ceil((4 + names + values) / 4) * 4;
  }
  return found;
}
