// rpm's database in Berkeley DB (Packages, as RHEL up to 8 has it): the values of a hash table, page by page (db_page.h).
import type { ByteWindow } from './byte-window.ts';

const hashMagic = 0x061561;
const headSize = 26;
const pageTypes = [2, 13];
const overflow = 7;
const keyData = 1;
const offPage = 3;
const mostPages = 1 << 20;

interface Database {
  file: ByteWindow;
  pageSize: number;
  lastPage: number;
  u16(bytes: Buffer, at: number): number;
  u32(bytes: Buffer, at: number): number;
}

/** The headers of all packages; undefined where the file is no such database. */
export function rpmBdbBlobs(file: ByteWindow): Iterable<Buffer> | undefined {
  const head = file.bytes(0, 512);
  if (!head) return undefined;
  const little = head.readUInt32LE(12) === hashMagic;
  if (!little && head.readUInt32BE(12) !== hashMagic) return undefined;
  const u16: Database['u16'] = (bytes, at) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32: Database['u32'] = (bytes, at) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const pageSize = u32(head, 20);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  const lastPage = Math.min(u32(head, 32), mostPages, Math.floor(file.size / pageSize) - 1);
  return blobs({ file, pageSize, lastPage, u16, u32 });
}

function* blobs(database: Database): Generator<Buffer, void> {
  const { file, pageSize, lastPage, u16, u32 } = database;
  for (let number = 1; number <= lastPage; number++) {
    const shown = file.bytes(number * pageSize, pageSize);
    if (!shown) return;
    if (!pageTypes.includes(shown[25]!)) continue;
    const page = Buffer.from(shown);
    const count = Math.min(u16(page, 20), (pageSize - headSize) >> 1);
    const offsets = Array.from({ length: count }, (_, index) => u16(page, headSize + index * 2));
    // Keys and values take turns; items are put down from the end of the page.
    for (let index = 1; index < count; index += 2) {
      const [at, before] = [offsets[index]!, offsets[index - 1]!];
      if (page[at] === keyData && before > at && before <= pageSize) yield page.subarray(at + 1, before);
      else if (page[at] === offPage && at + 12 <= pageSize) {
        const blob = chain(database, u32(page, at + 4), u32(page, at + 8));
        if (blob) yield blob;
      }
    }
  }
}

const largest = 64 << 20;

/** What lies on a chain of pages of its own. */
function chain({ file, pageSize, lastPage, u16, u32 }: Database, first: number, length: number) {
  if (length > largest || length > lastPage * pageSize) return undefined;
  const chunks: Buffer[] = [];
  let have = 0;
  for (let next = first; have < length; ) {
    const page = next > 0 && next <= lastPage ? file.bytes(next * pageSize, pageSize) : undefined;
    const size = page?.[25] === overflow ? Math.min(u16(page, 22), pageSize - headSize) : 0;
    if (!page || size === 0) return undefined;
    chunks.push(Buffer.from(page.subarray(headSize, headSize + size)));
    have += size;
    next = u32(page, 16);
  }
  return Buffer.concat(chunks, length);
}
