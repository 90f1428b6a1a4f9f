// The tar around the files of a layout: regular files and folders of one owner and time (POSIX ustar; PAX for sizes beyond it).

const blockSize = 512;
const maxSize = 0o77777777777;

export interface OuterEntry {
  /** ASCII, 100 bytes at most; that of a folder ends with a slash. */
  path: string;
  /** Bytes of content that follow; 0 for a folder. */
  size: number;
  /** Seconds since 1970. */
  mtime: number;
}

/** What stands before an entry's content. */
export function outerHeader({ path, size, mtime }: OuterEntry): Buffer {
  if (size <= maxSize) return header({ path, size, mtime }, path.endsWith('/') ? '5' : '0');
  const record = paxRecord('size', String(size));
  return Buffer.concat([
    header({ path: 'pax', size: record.length, mtime }, 'x'),
    Buffer.from(record),
    outerPadding(record.length),
    header({ path, size: 0, mtime }, '0'),
  ]);
}

/** What stands after an entry's content. */
export function outerPadding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** What stands at the end of all. */
export const outerEnd = (): Buffer => Buffer.alloc(2 * blockSize);

function header({ path, size, mtime }: OuterEntry, type: string): Buffer {
  const bytes = Buffer.alloc(blockSize);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  bytes.write(path, 0, 100, 'latin1');
  bytes.write(octal(type === '5' ? 0o755 : 0o444, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(size, 11), 124);
  bytes.write(octal(Math.min(Math.max(mtime, 0), maxSize), 11), 136);
  bytes.write(type, 156);
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return bytes;
}

/** `length key=value\n`, where length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + String(rest.length + 2).length;
  return `${length}${rest}`;
}
