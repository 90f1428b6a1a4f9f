// rpm's database in SQLite (rpmdb.sqlite): the rows of one table, by walking its b-tree (SQLite's "Database File Format").
import type { ByteWindow } from './byte-window.ts';

const leaf = 0x0d;
const interior = 0x05;
const deepest = 30;
/** Of one row. */
export const largestRow = 64 << 20;

interface Pages {
  /** Of all files. */
  bytes: number;
  usable: number;
  page(number: number): Buffer | undefined;
}

/** Base 128, most significant first; the ninth byte has eight bits. */
function varint(bytes: Buffer, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value = index === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (byte < 0x80 || index === 8) return { value, next: at + index + 1 };
  }
  return undefined;
}

/** Pages that were written to the log beside the database and not moved into it yet: those of the last whole commit. */
function walPages(wal: ByteWindow | undefined, size: number): Map<number, number> {
  const found = new Map<number, number>();
  const head = wal?.bytes(0, 32);
  if (!wal || !head || ![0x377f0682, 0x377f0683].includes(head.readUInt32BE(0))) return found;
  const salts = head.subarray(16, 24);
  let pending: [number, number][] = [];
  for (let at = 32; ; at += 24 + size) {
    const frame = wal.bytes(at, 24);
    const whole = at + 24 + size <= wal.size;
    if (!whole || !frame?.subarray(8, 16).equals(salts)) return found;
    pending.push([frame.readUInt32BE(0), at + 24]);
    if (frame.readUInt32BE(4) === 0) continue;
    for (const [number, offset] of pending) found.set(number, offset);
    pending = [];
  }
}

function openPages(file: ByteWindow, wal: ByteWindow | undefined): Pages | undefined {
  const head = file.bytes(0, 100);
  if (head?.toString('latin1', 0, 16) !== 'SQLite format 3\0') return undefined;
  const size = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  const usable = size - head[20]!;
  if (size < 512 || (size & (size - 1)) !== 0 || usable < 480) return undefined;
  const logged = walPages(wal, size);
  return {
    bytes: file.size + (wal?.size ?? 0),
    usable,
    page(number) {
      const offset = logged.get(number);
      return offset === undefined ? file.bytes((number - 1) * size, size) : wal!.bytes(offset, size);
    },
  };
}

/** A row's bytes, of which what does not fit lies on a chain of other pages. */
function payload(pages: Pages, page: Buffer, at: number): Buffer | undefined {
  const length = varint(page, at);
  const row = length && varint(page, length.next);
  const { usable } = pages;
  const total = length?.value ?? 0;
  // Longer ones than the file are pages over and over.
  if (!row || total > largestRow || total > pages.bytes) return undefined;
  if (total <= usable - 35) {
    const bytes = page.subarray(row.next, row.next + total);
    return bytes.length === total ? bytes : undefined;
  }
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const rest = least + ((total - least) % (usable - 4));
  const local = rest <= usable - 35 ? rest : least;
  if (row.next + local + 4 > page.length) return undefined;
  const chunks = [Buffer.from(page.subarray(row.next, row.next + local))];
  let next = page.readUInt32BE(row.next + local);
  for (let have = local; have < total; ) {
    const more = next === 0 ? undefined : pages.page(next);
    if (!more) return undefined;
    const chunk = Buffer.from(more.subarray(4, Math.min(usable, 4 + total - have)));
    chunks.push(chunk);
    have += chunk.length;
    next = more.readUInt32BE(0);
  }
  return Buffer.concat(chunks, total);
}

/** Rows of the table whose b-tree begins at `root`. Each page is visited once, so that no loop holds it up. */
function* rows(pages: Pages, root: number): Generator<Buffer, void> {
  const seen = new Set<number>();
  const todo = [{ number: root, depth: 0 }];
  while (todo.length > 0) {
    const { number, depth } = todo.pop()!;
    const page = number > 0 && depth <= deepest && !seen.has(number) ? pages.page(number) : undefined;
    seen.add(number);
    if (!page) continue;
    const head = number === 1 ? 100 : 0;
    const type = page[head];
    if (type !== leaf && type !== interior) continue;
    const first = head + (type === interior ? 12 : 8);
    const count = Math.min(page.readUInt16BE(head + 3), (page.length - first) >> 1);
    const cells = Array.from({ length: count }, (_, index) => page.readUInt16BE(first + index * 2));
    if (type === leaf) {
      // The page may be gone from the window while another is read.
      const own = Buffer.from(page);
      for (const cell of cells) {
        const row = payload(pages, own, cell);
        if (row) yield row;
      }
    } else {
      const children = cells.flatMap((cell) => (cell + 4 <= page.length ? [page.readUInt32BE(cell)] : []));
      children.push(page.readUInt32BE(head + 8));
      for (const child of children.reverse()) todo.push({ number: child, depth: depth + 1 });
    }
  }
}

/** The columns of a record; numbers of up to 48 bits, texts and blobs as bytes. */
function columns(record: Buffer): (number | Buffer | undefined)[] {
  const head = varint(record, 0);
  if (!head || head.value > record.length) return [];
  const values: (number | Buffer | undefined)[] = [];
  let body = head.value;
  for (let at = head.next; at < head.value; ) {
    const type = varint(record, at);
    if (!type || values.length > 100) return values;
    at = type.next;
    const kind = type.value;
    const length = kind >= 12 ? Math.floor((kind - 12) / 2) : ([0, 1, 2, 3, 4, 6, 8, 8][kind] ?? 0);
    if (body + length > record.length) return values;
    if (kind >= 12) values.push(record.subarray(body, body + length));
    else if (kind >= 1 && kind <= 5) values.push(record.readIntBE(body, length));
    else values.push(kind === 9 ? 1 : kind === 8 ? 0 : undefined);
    body += length;
  }
  return values;
}

/** The headers of all packages; undefined where the file is no such database. */
export function rpmSqliteBlobs(file: ByteWindow, wal: ByteWindow | undefined): Iterable<Buffer> | undefined {
  const pages = openPages(file, wal);
  if (!pages) return undefined;
  for (const row of rows(pages, 1)) {
    const [type, name, , root] = columns(row);
    if (`${type}` === 'table' && `${name}` === 'Packages' && typeof root === 'number')
      return blobs(pages, root);
  }
  return undefined;
}

function* blobs(pages: Pages, root: number): Generator<Buffer, void> {
  for (const row of rows(pages, root)) {
    const [, blob] = columns(row);
    if (Buffer.isBuffer(blob)) yield blob;
  }
}
