// Sparse files of GNU tar: the old 'S' header and the PAX formats 0.0, 0.1 and 1.0, expanded while they are read.
import { badArchive } from './bad-archive.ts';
import type { ByteSource } from './byte-source.ts';
import { type PaxRecords, parseNumber, parsePaxNumber } from './tar-fields.ts';

export interface SparseMap {
  /** Bytes of the file with its holes. */
  size: number;
  /** Where data is, ascending and apart. */
  extents: { offset: number; length: number }[];
  /** Bytes of map that precede the data in the archive (format 1.0). */
  mapBytes: number;
}

const maxExtents = 1 << 16;
const zeros = Buffer.alloc(1 << 18);

/** Reads the map of an old GNU sparse entry; further map blocks follow its header. */
export async function readGnuSparse(block: Buffer, source: ByteSource): Promise<SparseMap> {
  const numbers: number[] = [];
  takeExtents(block, 386, 4, numbers);
  let more = block[482] !== 0;
  const size = parseNumber(block, 483, 12);
  while (more) {
    const next = await source.read(512);
    takeExtents(next, 0, 21, numbers);
    more = next[504] !== 0;
  }
  return { size, extents: toExtents(numbers), mapBytes: 0 };
}

function takeExtents(block: Buffer, at: number, count: number, numbers: number[]): void {
  for (let index = 0; index < count; index++) {
    const place = at + index * 24;
    if (block[place] === 0) break;
    numbers.push(parseNumber(block, place, 12), parseNumber(block, place + 12, 12));
  }
  if (numbers.length > 2 * maxExtents) throw badArchive('a sparse file has too many parts');
}

/** The map that PAX records tell, undefined where the entry is not sparse. Format 1.0 keeps it in front of the data. */
export async function readPaxSparse(pax: PaxRecords, source: ByteSource): Promise<SparseMap | undefined> {
  const size = pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size');
  const map = pax.get('GNU.sparse.map');
  if (pax.get('GNU.sparse.major')?.toString() === '1') {
    if (!size) throw badArchive('a sparse file has no size');
    return readMapBlocks(parsePaxNumber(size), source);
  }
  if (!map && !size) return undefined;
  if (!map || !size) throw badArchive('a sparse file has no map');
  const numbers = map.length === 0 ? [] : map.toString('latin1').split(',');
  return {
    size: parsePaxNumber(size),
    extents: toExtents(numbers.map((text) => parsePaxNumber(Buffer.from(text)))),
    mapBytes: 0,
  };
}

/** The number of extents, then offset and length of each, one number a line, filled up to a whole block. */
async function readMapBlocks(size: number, source: ByteSource): Promise<SparseMap> {
  const numbers: number[] = [];
  let rest = '';
  let mapBytes = 0;
  let wanted = 1;
  for (;;) {
    const block = await source.read(512);
    mapBytes += 512;
    const lines = (rest + block.toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines.slice(0, wanted - numbers.length)) {
      numbers.push(parsePaxNumber(Buffer.from(line)));
      if (numbers.length > 1) continue;
      if (numbers[0]! > maxExtents) throw badArchive('a sparse file has too many parts');
      wanted = 1 + 2 * numbers[0]!;
      // Those that stand in the same block.
      for (const next of lines.slice(1, wanted)) numbers.push(parsePaxNumber(Buffer.from(next)));
      break;
    }
    if (numbers.length === wanted) return { size, extents: toExtents(numbers.slice(1)), mapBytes };
    // A number has 16 digits at most.
    if (rest.length > 16) throw badArchive('the map of a sparse file is malformed');
  }
}

function toExtents(numbers: number[]): SparseMap['extents'] {
  const extents: SparseMap['extents'] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    extents.push({ offset: numbers[index]!, length: numbers[index + 1]! });
  }
  return extents;
}

/** @throws ERR_BAD_ARCHIVE where the map does not describe `stored` bytes within the file. */
export function checkSparse(map: SparseMap, stored: number): void {
  let end = 0;
  let total = 0;
  for (const { offset, length } of map.extents) {
    if (offset < end || length < 0) throw badArchive('the map of a sparse file is out of order');
    end = offset + length;
    total += length;
  }
  if (map.size < 0 || end > map.size || total !== stored - map.mapBytes) {
    throw badArchive('the map of a sparse file does not fit its content');
  }
}

/** The file as it is meant: stored bytes at their places, zeros between them. */
export async function* expandSparse(
  map: SparseMap,
  stored: (limit: number) => Promise<Buffer>,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (const { offset, length } of map.extents) {
    yield* hole(offset - at);
    for (let left = length; left > 0; ) {
      const chunk = await stored(left);
      left -= chunk.length;
      yield chunk;
    }
    at = offset + length;
  }
  yield* hole(map.size - at);
}

/** Whether a chunk is one of expandSparse's holes: nobody need write it. */
export function isHole(chunk: Buffer): boolean {
  return chunk.buffer === zeros.buffer;
}

function* hole(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= zeros.length)
    yield zeros.subarray(0, Math.min(left, zeros.length));
}
