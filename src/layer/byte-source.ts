// A stream of chunks as one can parse it: a few bytes in one piece, or whatever has arrived.
import { badArchive } from './bad-archive.ts';

export interface ByteSource {
  /** Bytes that can be taken without waiting. */
  available(): number;
  /** Bytes that have been taken. */
  position(): number;
  /** Waits until `count` bytes can be taken at once; false where the stream ends before. */
  fill(count: number): Promise<boolean>;
  /** Takes `count` bytes that are available: a view of the source's chunk. */
  take(count: number): Buffer;
  /** Forgets `count` bytes that are available. */
  drop(count: number): void;
  /** As fill and take. @throws ERR_BAD_ARCHIVE where the stream ends before. */
  read(count: number): Promise<Buffer>;
  /** Takes 1 to `limit` bytes, waiting if need be. @throws ERR_BAD_ARCHIVE where the stream has ended. */
  some(limit: number): Promise<Buffer>;
  /** Takes `count` bytes and forgets them. @throws ERR_BAD_ARCHIVE where the stream ends before. */
  skip(count: number): Promise<void>;
  /** Reads to the end of the stream. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** A source that can leave out what nobody wants to see. */
export interface SkippableSource extends AsyncIterable<Uint8Array> {
  /** Goes on `count` bytes after the end of the last chunk; false where there are not so many. */
  skip?(count: number): boolean;
}

const noBytes: Buffer = Buffer.alloc(0);

export function createByteSource(source: SkippableSource, signal?: AbortSignal): ByteSource {
  const iterator = source[Symbol.asyncIterator]();
  let current: Buffer = noBytes;
  let at = 0;
  /** What comes after `current`: bytes that were joined over the end of a chunk stand before the rest of the next one. */
  let rest = noBytes;
  let taken = 0;
  let ended = false;

  async function next(): Promise<Buffer | undefined> {
    signal?.throwIfAborted();
    if (rest.length > 0) {
      const chunk = rest;
      rest = noBytes;
      return chunk;
    }
    if (ended) return undefined;
    const { value, done } = await iterator.next();
    if (done) {
      ended = true;
      return undefined;
    }
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }

  const self: ByteSource = {
    available: () => current.length - at,
    position: () => taken,
    async fill(count) {
      if (current.length - at >= count) return true;
      const pieces: Buffer[] = at < current.length ? [current.subarray(at)] : [];
      let length = current.length - at;
      current = noBytes;
      at = 0;
      while (length < count) {
        const chunk = await next();
        if (!chunk) break;
        // Of the last one only what is asked for is copied.
        const needed = pieces.length === 0 ? chunk.length : Math.min(count - length, chunk.length);
        pieces.push(chunk.subarray(0, needed));
        rest = chunk.subarray(needed);
        length += needed;
      }
      current = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      return length >= count;
    },
    take(count) {
      const piece = current.subarray(at, at + count);
      self.drop(piece.length);
      return piece;
    },
    drop(count) {
      at += count;
      taken += count;
      if (at === current.length && rest.length > 0) {
        current = rest;
        at = 0;
        rest = noBytes;
      }
    },
    async read(count) {
      if (!(await self.fill(count))) throw badArchive('it ends too early');
      return self.take(count);
    },
    async some(limit) {
      while (at === current.length) {
        const chunk = await next();
        if (!chunk) throw badArchive('it ends too early');
        current = chunk;
        at = 0;
      }
      return self.take(Math.min(limit, current.length - at));
    },
    async skip(count) {
      let left = count;
      while (left > 0 && self.available() > 0) {
        const some = Math.min(left, self.available());
        self.drop(some);
        left -= some;
      }
      if (left > 0 && source.skip && !ended) {
        taken += left;
        if (!source.skip(left)) throw badArchive('it ends too early');
        return;
      }
      while (left > 0) left -= (await self.some(left)).length;
    },
    async drain() {
      current = noBytes;
      at = 0;
      while (await next()) {
        // What follows an archive's end is padding.
      }
    },
    async close() {
      if (!ended) await iterator.return?.();
      ended = true;
    },
  };
  return self;
}
