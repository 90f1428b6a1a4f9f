// Writes tar headers: ustar, with a PAX header in front only where ustar can't say it, as Go's archive/tar does.
import { pathBytes } from '../fs/path-bytes.ts';

export const blockSize = 512;

export type TypeFlag = '0' | '1' | '2' | '3' | '4' | '5' | '6' | 'x';

export interface HeaderFields {
  /** Relative; a directory's ends with a slash. */
  path: string;
  type: TypeFlag;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of content that follow. */
  size: number;
  /** Seconds since 1970. */
  mtime: number;
  linkName: string;
  major: number;
  minor: number;
  xattrs: Record<string, Buffer>;
}

const maxId = 0o7777777;
const maxSize = 0o77777777777;
const nonAscii = /[^\x01-\x7f]/;

/** The PAX header and its records, padded to whole blocks; undefined where ustar is enough. */
export function encodePax(fields: HeaderFields): Buffer | undefined {
  const records = paxRecords(fields);
  if (records.length === 0) return undefined;
  const data = Buffer.concat(records);
  const padded = Math.ceil(data.length / blockSize) * blockSize;
  const pax = Buffer.alloc(blockSize + padded);
  const base = asciiPart(fields.path.replace(/\/$/, '').replace(/^.*\//s, ''), 80);
  writeHeader(pax, 0, {
    path: `PaxHeaders.0/${base}`,
    type: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: data.length,
    mtime: 0,
    linkName: '',
    major: 0,
    minor: 0,
    xattrs: {},
  });
  data.copy(pax, blockSize);
  return pax;
}

/** Writes the 512 bytes of the ustar header at `at`; what does not fit is left 0 for PAX to say. */
export function writeHeader(out: Buffer, at: number, fields: HeaderFields): void {
  out.fill(0, at, at + blockSize);
  sealHeader(out, at, fields.mtime, writeTimelessHeader(out, at, fields));
}

/**
 * Writes the header into 512 bytes that are 0, without its time and checksum (bytes 136 to 155). Returns the sum of what is there,
 * which sealHeader asks for.
 */
export function writeTimelessHeader(out: Buffer, at: number, fields: HeaderFields): number {
  const { path, linkName, major, minor } = fields;
  const split = nonAscii.test(path) ? undefined : splitPath(path);
  let sum = ustarSum + ascii(out, at, split ? split.name : asciiPart(path, 100));
  sum += octal(out, at + 100, 7, fields.mode & 0o7777);
  sum += octal(out, at + 108, 7, fields.uid > maxId ? 0 : fields.uid);
  sum += octal(out, at + 116, 7, fields.gid > maxId ? 0 : fields.gid);
  sum += octal(out, at + 124, 11, fields.size > maxSize ? 0 : fields.size);
  sum += ascii(out, at + 156, fields.type);
  if (linkName !== '') sum += ascii(out, at + 157, linkFits(linkName) ? linkName : asciiPart(linkName, 100));
  out.set(ustar, at + 257);
  if (major > maxId || minor > maxId) throw new Error(`internal error: device number of ${path} is too big`);
  sum += octal(out, at + 329, 7, major);
  sum += octal(out, at + 337, 7, minor);
  if (split && split.prefix !== '') sum += ascii(out, at + 345, split.prefix);
  return sum;
}

/** Writes time and checksum. `sum`: of the header's other bytes. */
export function sealHeader(out: Buffer, at: number, mtime: number, sum: number): void {
  const whole = sum + octal(out, at + 136, 11, timeFits(mtime) ? mtime : 0);
  octal(out, at + 148, 6, whole + blanksSum);
  out[at + 154] = 0;
  out[at + 155] = 0x20;
}

const ustar = Buffer.from('ustar\x0000', 'latin1');
const ustarSum = ustar.reduce((sum, byte) => sum + byte, 0);
/** The checksum's own field counts as blanks. */
const blanksSum = 8 * 0x20;

/** Whether ustar says all of it. */
export function fitsUstar(fields: HeaderFields): boolean {
  const { path, linkName, size, mtime } = fields;
  if (fields.uid > maxId || fields.gid > maxId || size > maxSize || !timeFits(mtime)) return false;
  if (nonAscii.test(path) || (path.length > 100 && !splitPath(path))) return false;
  if (linkName !== '' && !linkFits(linkName)) return false;
  for (const _ in fields.xattrs) return false;
  return true;
}

/** Whether the time is said by the ustar header alone. */
export function timeFits(mtime: number): boolean {
  return mtime >= 0 && mtime <= maxSize;
}

function linkFits(linkName: string): boolean {
  return linkName.length <= 100 && !nonAscii.test(linkName);
}

function paxRecords(fields: HeaderFields): Buffer[] {
  const records: Buffer[] = [];
  const add = (key: string, value: Buffer | string): number => records.push(paxRecord(key, value));
  const names = Object.keys(fields.xattrs);
  for (const name of names.sort()) add(`SCHILY.xattr.${name}`, fields.xattrs[name]!);
  if (fields.gid > maxId) add('gid', `${fields.gid}`);
  if (fields.linkName !== '' && !linkFits(fields.linkName)) add('linkpath', pathBytes(fields.linkName));
  if (!timeFits(fields.mtime)) add('mtime', `${fields.mtime}`);
  if (nonAscii.test(fields.path) || !splitPath(fields.path)) add('path', pathBytes(fields.path));
  if (fields.size > maxSize) add('size', `${fields.size}`);
  if (fields.uid > maxId) add('uid', `${fields.uid}`);
  return records;
}

/** `length key=value\n`, where length counts itself (POSIX pax, extended header). */
function paxRecord(key: string, value: Buffer | string): Buffer {
  const rest = Buffer.concat([
    Buffer.from(' '),
    pathBytes(key),
    Buffer.from('='),
    Buffer.from(value as string),
    Buffer.from('\n'),
  ]);
  let length = rest.length + `${rest.length}`.length;
  if (`${length}`.length > `${rest.length}`.length) length = rest.length + `${length}`.length;
  return Buffer.concat([Buffer.from(`${length}`), rest]);
}

/** Name and prefix of an ASCII path, undefined where it fits no ustar header. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (path.length <= 100) return { name: path, prefix: '' };
  if (path.length > 256) return undefined;
  const slash = path.lastIndexOf('/', Math.min(155, path.length - 2));
  if (slash <= 0 || path.length - slash - 1 > 100) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/** What readers without PAX get to see. */
function asciiPart(text: string, length: number): string {
  return text.replace(/[^\x01-\x7f]/g, '').slice(0, length);
}

/** Writes the text; returns the sum of its bytes. */
function ascii(out: Buffer, at: number, text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    const byte = text.charCodeAt(index);
    out[at + index] = byte;
    sum += byte;
  }
  return sum;
}

/** Writes the digits; returns the sum of their bytes. */
function octal(out: Buffer, at: number, digits: number, value: number): number {
  let rest = value;
  let sum = digits * 0x30;
  for (let index = at + digits - 1; index >= at; index--) {
    const digit = rest % 8;
    out[index] = 0x30 + digit;
    sum += digit;
    rest = (rest - digit) / 8;
  }
  return sum;
}
