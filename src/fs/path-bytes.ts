// File names as strings that keep their bytes: what is no UTF-8 becomes lone surrogates, as in Python's surrogateescape.
import { readdirSync } from 'node:fs';

const loneEscape = /[\uDC80-\uDCFF]/u;
const replacement = '\uFFFD';

/** The name as text; each byte 0x80 to 0xFF that is part of no valid UTF-8 becomes U+DC00 + the byte. */
export function decodeName(name: Buffer): string {
  const text = name.toString('utf8');
  return text.includes(replacement) ? decodeEscaped(name) : text;
}

/** What every call of node:fs gets: bytes only where the path has escaped ones. */
export function encodePath(path: string): string | Buffer {
  return loneEscape.test(path) ? encodeEscaped(path) : path;
}

/** The bytes of a path: the inverse of decodeName. */
export function pathBytes(path: string): Buffer {
  return loneEscape.test(path) ? encodeEscaped(path) : Buffer.from(path, 'utf8');
}

/** The names in a directory, sorted by code unit. Throws what readdirSync throws. */
export function readNames(directory: string): string[] {
  const path = encodePath(directory);
  const names = readdirSync(path);
  for (const name of names) {
    if (name.includes(replacement)) {
      return readdirSync(path, { encoding: 'buffer' }).map(decodeName).sort();
    }
  }
  return names.sort();
}

function decodeEscaped(name: Buffer): string {
  let text = '';
  let start = 0;
  let at = 0;
  while (at < name.length) {
    const length = sequenceLength(name, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += name.toString('utf8', start, at) + String.fromCharCode(0xdc00 + name[at]!);
    at += 1;
    start = at;
  }
  return text + name.toString('utf8', start);
}

/** Bytes of the well-formed character at `at` (Unicode table 3-7), 0 where there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let index = at + 2; index < at + length; index++) {
    if ((bytes[index]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function encodeEscaped(path: string): Buffer {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < path.length; at++) {
    const unit = path.charCodeAt(at);
    if (unit < 0xdc80 || unit > 0xdcff || isHighSurrogate(path, at - 1)) continue;
    if (at > start) parts.push(Buffer.from(path.slice(start, at), 'utf8'));
    parts.push(Buffer.of(unit & 0xff));
    start = at + 1;
  }
  parts.push(Buffer.from(path.slice(start), 'utf8'));
  return Buffer.concat(parts);
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
}
