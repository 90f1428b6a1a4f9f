// Databases of rpm as its writers lay them out: headers, Packages.db (ndb), Packages (Berkeley DB), and a log for SQLite.

type Value = string | number | string[];

/** A header without the region tags that rpm puts around one. */
export function rpmHeader(values: Record<number, Value>): Buffer {
  const entries: Buffer[] = [];
  const store: Buffer[] = [];
  let offset = 0;
  for (const [tag, value] of Object.entries(values)) {
    const type = typeof value === 'number' ? 4 : Array.isArray(value) ? 8 : 6;
    const data =
      typeof value === 'number'
        ? Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
        : Buffer.from(
            [value]
              .flat()
              .map((text) => `${text}\0`)
              .join(''),
          );
    const pad = Buffer.alloc(type === 4 ? (4 - (offset % 4)) % 4 : 0);
    store.push(pad, data);
    offset += pad.length;
    const entry = Buffer.alloc(16);
    for (const [index, word] of [
      Number(tag),
      type,
      offset,
      Array.isArray(value) ? value.length : 1,
    ].entries())
      entry.writeUInt32BE(word, index * 4);
    entries.push(entry);
    offset += data.length;
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(entries.length, 0);
  head.writeUInt32BE(offset, 4);
  return Buffer.concat([head, ...entries, ...store]);
}

const words = (...numbers: number[]): Buffer => {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, index * 4);
  return bytes;
};

/** One page of slots; the second is empty, as after a removal. */
export function ndbDatabase(blobs: readonly Buffer[]): Buffer {
  const slots: Buffer[] = [];
  const blocks: Buffer[] = [];
  let block = 4096 / 16;
  const slot = (index: number, at: number, count: number): void => {
    slots.push(Buffer.concat([Buffer.from('Slot'), words(index, at, count)]));
  };
  for (const [index, blob] of blobs.entries()) {
    if (index === 1) slot(0, 0, 0);
    const length = Math.ceil((16 + blob.length + 12) / 16) * 16;
    const bytes = Buffer.alloc(length);
    Buffer.concat([Buffer.from('BlbS'), words(index + 1, 1, blob.length), blob]).copy(bytes);
    bytes.write('BlbE', length - 4);
    blocks.push(bytes);
    slot(index + 1, block, length / 16);
    block += length / 16;
  }
  while (slots.length < 254) slot(0, 0, 0);
  return Buffer.concat([Buffer.from('RpmP'), words(0, 7, 1, blobs.length + 1, 0, 0, 0), ...slots, ...blocks]);
}

const pageSize = 4096;

function bdbPage(number: number, type: number, next = 0): Buffer {
  const page = Buffer.alloc(pageSize);
  page.writeUInt32LE(number, 8);
  page.writeUInt32LE(next, 16);
  page[25] = type;
  return page;
}

/** A hash with one bucket; large values lie on pages of their own, as rpm's headers do. */
export function bdbDatabase(blobs: readonly Buffer[]): Buffer {
  const bucket = bdbPage(2, 13);
  const overflow: Buffer[] = [];
  let end = pageSize;
  let items = 0;
  const put = (item: Buffer): void => {
    end -= item.length;
    item.copy(bucket, end);
    bucket.writeUInt16LE(end, 26 + items++ * 2);
  };
  // Key 0 holds the next number to give.
  for (const [index, blob] of [words(blobs.length + 1), ...blobs].entries()) {
    put(Buffer.concat([Buffer.from([1]), words(index)]));
    if (blob.length < 200) put(Buffer.concat([Buffer.from([1]), blob]));
    else {
      const first = 3 + overflow.length;
      put(Buffer.concat([Buffer.from([3, 0, 0, 0]), words(first, blob.length)]));
      const room = pageSize - 26;
      for (let at = 0; at < blob.length; at += room) {
        const number = 3 + overflow.length;
        const page = bdbPage(number, 7, at + room < blob.length ? number + 1 : 0);
        const part = blob.subarray(at, at + room);
        page.writeUInt16LE(1, 20);
        page.writeUInt16LE(part.length, 22);
        part.copy(page, 26);
        overflow.push(page);
      }
    }
  }
  bucket.writeUInt16LE(items, 20);
  bucket.writeUInt16LE(end, 22);
  const meta = bdbPage(0, 8);
  meta.writeUInt32LE(0x061561, 12);
  meta.writeUInt32LE(9, 16);
  meta.writeUInt32LE(pageSize, 20);
  meta[25] = 8;
  meta.writeUInt32LE(2 + overflow.length, 32);
  // The page of the first bucket.
  meta.writeUInt32LE(2, 96);
  return Buffer.concat([meta, bdbPage(1, 0), bucket, ...overflow]);
}

/** A write-ahead log by which a database would become `after`. Its checksums are left out. */
export function sqliteLog(after: Buffer, size: number): Buffer {
  const head = Buffer.alloc(32);
  for (const [index, word] of [0x377f0682, 3007000, size, 0, 11, 12].entries())
    head.writeUInt32BE(word, index * 4);
  const count = after.length / size;
  const frames = Array.from({ length: count }, (_, index) => {
    const frame = Buffer.alloc(24);
    const commit = index === count - 1 ? count : 0;
    for (const [at, word] of [index + 1, commit, 11, 12].entries()) frame.writeUInt32BE(word, at * 4);
    return Buffer.concat([frame, after.subarray(index * size, (index + 1) * size)]);
  });
  return Buffer.concat([head, ...frames]);
}
