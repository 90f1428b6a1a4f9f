// Rewrites the times in a layer's tar as it streams: what is later than an epoch becomes the epoch, all else stays byte for byte.
import { badArchive } from './bad-archive.ts';
import { type ByteSource, createByteSource } from './byte-source.ts';
import { parseNumber, parsePaxNumber, parsePaxTime } from './tar-fields.ts';
import { blockSize } from './tar-header.ts';

const chunkSize = 1 << 18;
const paxLimit = 1 << 20;
const nothing = Buffer.alloc(0);
/** What the header's field of 11 octal digits can say. */
const latest = 0o77777777777;

/** Times of a PAX header that can be later than an epoch. */
const paxTimes = new Set(['mtime', 'atime', 'ctime']);

interface Pax {
  /** The header block and its records, as they go out. */
  bytes: Buffer;
  /** Size of the content, where a record says it. */
  size: number | undefined;
  /** The file's own time was too late and is left out. */
  late: boolean;
}

/**
 * The same tar, with modification times of at most `epoch` seconds since 1970, or of just that with `all`. A tar that packLayer
 * made comes out as packLayer makes it with that epoch.
 * @throws ERR_BAD_ARCHIVE for what is no tar, or is cut short.
 */
export async function* clampTimes(
  source: AsyncIterable<Buffer>,
  epoch: number,
  all = false,
): AsyncGenerator<Buffer, void> {
  const input = createByteSource(source);
  let pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of rewritten(input, { epoch: Math.min(epoch, latest), all })) {
      if (piece.length >= chunkSize && length === 0) {
        yield piece;
        continue;
      }
      pieces.push(piece);
      length += piece.length;
      if (length < chunkSize) continue;
      yield Buffer.concat(pieces, length);
      pieces = [];
      length = 0;
    }
    if (length > 0) yield Buffer.concat(pieces, length);
  } finally {
    await input.close();
  }
}

interface Wanted {
  epoch: number;
  all: boolean;
}

async function* rewritten(input: ByteSource, wanted: Wanted): AsyncGenerator<Buffer, void> {
  let pax: Pax | undefined;
  while (await input.fill(blockSize)) {
    const header = Buffer.from(input.take(blockSize));
    if (header.every((byte) => byte === 0)) {
      yield header;
      yield* rest(input);
      return;
    }
    const type = String.fromCharCode(header[156]!);
    if (type === 'x') {
      pax = await readPax(header, input, wanted);
      yield pax.bytes;
      continue;
    }
    clampHeader(header, wanted, pax?.late ?? false);
    yield header;
    if (type === 'S') yield* sparseHeaders(header, input);
    // Links, devices and folders have no content, whatever their size field says.
    const size = /[1-6]/.test(type) ? 0 : (pax?.size ?? parseNumber(header, 124, 12));
    for (let left = padded(size); left > 0; ) {
      const piece = await input.some(left);
      left -= piece.length;
      yield piece;
    }
    // Names that GNU tar puts in front belong to the entry that follows, as a PAX header does.
    if (type !== 'L' && type !== 'K') pax = undefined;
  }
  if (input.available() > 0) throw badArchive('it ends too early');
}

function padded(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw badArchive('a header holds a size that is none');
  return Math.ceil(size / blockSize) * blockSize;
}

async function* rest(input: ByteSource): AsyncGenerator<Buffer, void> {
  while (input.available() > 0 || (await input.fill(1))) yield input.take(input.available());
}

/** The map of a sparse file in GNU's old form goes on in blocks of its own. */
async function* sparseHeaders(header: Buffer, input: ByteSource): AsyncGenerator<Buffer, void> {
  let more = header[482] !== 0;
  while (more) {
    const block = Buffer.from(await input.read(blockSize));
    more = block[504] !== 0;
    yield block;
  }
}

function clampHeader(header: Buffer, { epoch, all }: Wanted, late: boolean): void {
  if (!all && !late && parseNumber(header, 136, 12) <= epoch) return;
  header.write(`${epoch.toString(8).padStart(11, '0')}\0`, 136, 'latin1');
  sign(header);
}

function sign(header: Buffer): void {
  header.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0`, 148, 'latin1');
}

/** Leaves out the records of times that are too late, and the whole header where no other is left. */
async function readPax(header: Buffer, input: ByteSource, wanted: Wanted): Promise<Pax> {
  const limit = wanted.all ? undefined : BigInt(wanted.epoch) * 1_000_000_000n;
  const size = parseNumber(header, 124, 12);
  if (!(size >= 0 && size <= paxLimit)) throw badArchive('a PAX header is too big');
  const body = Buffer.from(await input.read(padded(size)));
  const kept: Buffer[] = [];
  const found: Pax = { bytes: nothing, size: undefined, late: false };
  let dropped = false;
  for (const { record, key, value } of records(body.subarray(0, size))) {
    if (key === 'size') found.size = parsePaxNumber(value);
    if (paxTimes.has(key) && (limit === undefined || parsePaxTime(value) > limit)) {
      dropped = true;
      if (key === 'mtime') found.late = true;
    } else {
      kept.push(record);
    }
  }
  if (!dropped) {
    clampHeader(header, wanted, false);
    found.bytes = Buffer.concat([header, body]);
  } else if (kept.length > 0) {
    const data = Buffer.concat(kept);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    sign(header);
    clampHeader(header, wanted, false);
    found.bytes = Buffer.concat([header, data, Buffer.alloc(padded(data.length) - data.length)]);
  }
  return found;
}

function* records(data: Buffer): Generator<{ record: Buffer; key: string; value: Buffer }, void> {
  for (let at = 0; at < data.length; ) {
    const blank = data.indexOf(0x20, at);
    const digits = blank < 0 ? '' : data.toString('latin1', at, blank);
    const end = at + Number(digits);
    const equals = data.indexOf(0x3d, blank);
    if (!/^[1-9]\d{0,7}$/.test(digits) || end > data.length || equals < blank || equals >= end) {
      throw badArchive('a PAX header is malformed');
    }
    yield {
      record: data.subarray(at, end),
      key: data.toString('latin1', blank + 1, equals),
      value: data.subarray(equals + 1, end - 1),
    };
    at = end;
  }
}
