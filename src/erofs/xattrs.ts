// Extended attributes as they stand behind an inode: a header, then name and value of each, in units of four bytes.

const headerSize = 12;
const entryHeader = 4;
/** What a name begins with is a number. */
const prefixes: readonly [string, number][] = [
  ['user.', 1],
  ['trusted.', 4],
  ['security.', 6],
];

const aligned = (size: number): number => Math.ceil(size / 4) * 4;

function split(name: string): { index: number; rest: Buffer } {
  for (const [prefix, index] of prefixes) {
    if (name.startsWith(prefix)) return { index, rest: Buffer.from(name.slice(prefix.length)) };
  }
  throw new Error(`internal error: an image can't hold the attribute ${name}`);
}

/** Whether an image can hold it. */
export function fitsXattr(name: string, value: Buffer): boolean {
  const prefix = prefixes.find(([text]) => name.startsWith(text))?.[0];
  if (prefix === undefined || name.length === prefix.length) return false;
  return Buffer.byteLength(name) - prefix.length <= 255 && value.length <= 0xffff;
}

/** Bytes that they take; 0 where there are none. */
export function xattrsSize(xattrs: Readonly<Record<string, Buffer>>): number {
  let size = 0;
  for (const name in xattrs) {
    if (size === 0) size = headerSize;
    size += aligned(entryHeader + split(name).rest.length + xattrs[name]!.length);
  }
  return size;
}

export function writeXattrs(to: Buffer, xattrs: Readonly<Record<string, Buffer>>): void {
  let at = headerSize;
  for (const name in xattrs) {
    const { index, rest } = split(name);
    const value = xattrs[name]!;
    to.writeUInt8(rest.length, at);
    to.writeUInt8(index, at + 1);
    to.writeUInt16LE(value.length, at + 2);
    rest.copy(to, at + entryHeader);
    value.copy(to, at + entryHeader + rest.length);
    at += aligned(entryHeader + rest.length + value.length);
  }
}

/** @param body all that stands behind an inode, header included. */
export function readXattrs(body: Buffer): Record<string, Buffer> {
  const found: Record<string, Buffer> = {};
  for (let at = headerSize; at < body.length; ) {
    const [rest, size] = [body.readUInt8(at), body.readUInt16LE(at + 2)];
    const prefix = prefixes.find(([, index]) => index === body.readUInt8(at + 1))?.[0] ?? '';
    const value = at + entryHeader + rest;
    found[prefix + body.toString('utf8', at + entryHeader, value)] = Buffer.from(
      body.subarray(value, value + size),
    );
    at += aligned(entryHeader + rest + size);
  }
  return found;
}
