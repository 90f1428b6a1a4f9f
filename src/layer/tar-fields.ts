// The fields of tar headers: octal and base-256 numbers, checksums, PAX records.
import { decodeName } from '../fs/path-bytes.ts';
import { badArchive } from './bad-archive.ts';

/** Records of a PAX header by key; the values are bytes. */
export type PaxRecords = Map<string, Buffer>;

/** Octal digits between blanks and NULs, or base-256 as GNU tar writes it. @throws ERR_BAD_ARCHIVE */
export function parseNumber(block: Buffer, at: number, length: number): number {
  const first = block[at]!;
  if (first & 0x80) return parseBinary(block, at, length);
  let value = 0;
  let index = at;
  const end = at + length;
  while (index < end && (block[index] === 0x20 || block[index] === 0)) index++;
  for (; index < end; index++) {
    const digit = block[index]! - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; index < end; index++) {
    if (block[index] !== 0x20 && block[index] !== 0) throw badArchive('a header holds a number that is none');
  }
  return value;
}

/** Two's complement, big-endian, without the topmost bit. */
function parseBinary(block: Buffer, at: number, length: number): number {
  const negative = (block[at]! & 0x40) !== 0;
  let value = BigInt(block[at]! & 0x7f);
  for (let index = at + 1; index < at + length; index++) value = value * 256n + BigInt(block[index]!);
  if (negative) value -= 1n << BigInt(length * 8 - 1);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw badArchive('a header holds a number that is too big');
  return number;
}

/** Bytes up to the first NUL. */
export function parseText(block: Buffer, at: number, length: number): string {
  const nul = block.indexOf(0, at);
  return decodeName(block.subarray(at, nul < 0 || nul > at + length ? at + length : nul));
}

/** Whether the sum holds, with its own field as blanks; old writers summed signed bytes. */
export function checksumHolds(block: Buffer): boolean {
  let sum = 8 * 0x20;
  let signed = sum;
  for (let index = 0; index < 512; index++) {
    if (index === 148) index = 156;
    const byte = block[index]!;
    sum += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  const said = parseNumber(block, 148, 8);
  return said === sum || said === signed;
}

/**
 * Parses `length key=value\n` records (POSIX pax, extended header) into `records`; the sparse format 0.0 repeats two keys, whose
 * values are joined by commas to the map of format 0.1.
 */
export function parsePax(data: Buffer, records: PaxRecords): void {
  const sparseMap: string[] = [];
  for (let at = 0; at < data.length; ) {
    const blank = data.indexOf(0x20, at);
    const digits = blank < 0 || blank - at > 8 ? '' : data.toString('latin1', at, blank);
    const end = at + Number(digits);
    const equals = data.indexOf(0x3d, blank);
    if (!/^\d+$/.test(digits) || end > data.length || equals < 0 || equals >= end || data[end - 1] !== 0x0a) {
      throw badArchive('a PAX header is malformed');
    }
    const key = decodeName(data.subarray(blank + 1, equals));
    const value = data.subarray(equals + 1, end - 1);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
      sparseMap.push(value.toString('latin1'));
    else records.set(key, value);
    at = end;
  }
  if (sparseMap.length > 0) records.set('GNU.sparse.map', Buffer.from(sparseMap.join(',')));
}

/** Nanoseconds of a decimal number of seconds. @throws ERR_BAD_ARCHIVE */
export function parsePaxTime(value: Buffer): bigint {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value.toString('latin1'));
  if (!match) throw badArchive('a PAX header holds a time that is none');
  const fraction = (match[3] ?? '').slice(0, 9).padEnd(9, '0');
  const nanoseconds = BigInt(match[2]!) * 1_000_000_000n + BigInt(fraction);
  return match[1] === '-' ? -nanoseconds : nanoseconds;
}

/** A whole number from 0 on. @throws ERR_BAD_ARCHIVE */
export function parsePaxNumber(value: Buffer): number {
  const text = value.toString('latin1');
  const number = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (!Number.isSafeInteger(number) || number < 0)
    throw badArchive('a PAX header holds a number that is none');
  return number;
}

/** A name or link target. @throws ERR_BAD_ARCHIVE where it holds a NUL. */
export function parsePaxName(value: Buffer): string {
  if (value.includes(0)) throw badArchive('a PAX header holds a name with a NUL in it');
  return decodeName(value);
}
