// Writes tar headers: ustar, with a PAX header in front only where ustar can't say it, as Go's archive/tar does.
import { invariant } from '../errors.ts';
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
  const split = nonAscii.test(fields.path) ? undefined : splitPath(fields.path);
  out.write(split ? split.name : asciiPart(fields.path, 100), at, 'latin1');
  octal(out, at + 100, 7, fields.mode & 0o7777);
  octal(out, at + 108, 7, fields.uid > maxId ? 0 : fields.uid);
  octal(out, at + 116, 7, fields.gid > maxId ? 0 : fields.gid);
  octal(out, at + 124, 11, fields.size > maxSize ? 0 : fields.size);
  octal(out, at + 136, 11, timeFits(fields.mtime) ? fields.mtime : 0);
  out.fill(0x20, at + 148, at + 156);
  out.write(fields.type, at + 156, 'latin1');
  if (fields.linkName !== '') {
    out.write(
      linkFits(fields.linkName) ? fields.linkName : asciiPart(fields.linkName, 100),
      at + 157,
      'latin1',
    );
  }
  out.write('ustar\x0000', at + 257, 'latin1');
  invariant(fields.major <= maxId && fields.minor <= maxId, `device number of ${fields.path} is too big`);
  octal(out, at + 329, 7, fields.major);
  octal(out, at + 337, 7, fields.minor);
  if (split && split.prefix !== '') out.write(split.prefix, at + 345, 'latin1');
  let sum = 0;
  for (let index = at; index < at + blockSize; index++) sum += out[index]!;
  octal(out, at + 148, 6, sum);
  out[at + 154] = 0;
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

function octal(out: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let index = at + digits - 1; index >= at; index--) {
    out[index] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}
