// A database of SQLite as rpm has it, by hand: a page with the schema, a leaf with small rows, pages for what does not fit.

const pageSize = 4096;

function varint(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift((rest & 0x7f) | 0x80);
  return Buffer.from(bytes);
}

/** A record of texts, blobs and small numbers. */
function record(values: readonly (string | Buffer | number)[]): Buffer {
  const bodies = values.map((value) =>
    typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value as string),
  );
  const types = values.map((value, index) =>
    varint(typeof value === 'number' ? 1 : bodies[index]!.length * 2 + (typeof value === 'string' ? 13 : 12)),
  );
  const head = Buffer.concat(types);
  return Buffer.concat([varint(head.length + 1), head, ...bodies]);
}

function leafPage(at: number, cells: readonly Buffer[]): Buffer {
  const page = Buffer.alloc(pageSize);
  page[at] = 0x0d;
  page.writeUInt16BE(cells.length, at + 3);
  let end = pageSize;
  for (const [index, cell] of cells.entries()) {
    end -= cell.length;
    cell.copy(page, end);
    page.writeUInt16BE(end, at + 8 + index * 2);
  }
  page.writeUInt16BE(end, at + 5);
  return page;
}

/** One table, Packages, whose rows are the blobs. */
export function sqliteDatabase(blobs: readonly Buffer[]): Buffer {
  const more: Buffer[] = [];
  const cellOf = (content: Buffer, row: number): Buffer => {
    const head = Buffer.concat([varint(content.length), varint(row)]);
    if (content.length <= pageSize - 35) return Buffer.concat([head, content]);
    const least = Math.floor(((pageSize - 12) * 32) / 255) - 23;
    const rest = least + ((content.length - least) % (pageSize - 4));
    const local = rest <= pageSize - 35 ? rest : least;
    const pointer = Buffer.alloc(4);
    pointer.writeUInt32BE(3 + more.length);
    for (let at = local; at < content.length; at += pageSize - 4) {
      const page = Buffer.alloc(pageSize);
      page.writeUInt32BE(at + pageSize - 4 < content.length ? 4 + more.length : 0);
      content.copy(page, 4, at, at + pageSize - 4);
      more.push(page);
    }
    return Buffer.concat([head, content.subarray(0, local), pointer]);
  };
  const rows = blobs.map((blob, index) => cellOf(record([index, blob]), index + 1));
  const schema = leafPage(100, [cellOf(record(['table', 'Packages', 'Packages', 2, 'CREATE TABLE']), 1)]);
  schema.write('SQLite format 3\0', 0);
  schema.writeUInt16BE(pageSize, 16);
  return Buffer.concat([schema, leafPage(0, rows), ...more]);
}
