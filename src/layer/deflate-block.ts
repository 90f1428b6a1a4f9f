// Blocks of a deflate stream, each compressed by itself, knowing what precedes it: in memory that threads share, or in a file.
import { constants as zlibConstants } from 'node:zlib';

/** Bytes of content in a block. Measured: larger ones compress neither better nor faster. */
export const blockSize = 1 << 19;
/** How far back deflate refers (RFC 1951, 2). */
export const windowSize = 1 << 15;
/** Deflate adds a few bytes to each 16 KiB that it can't compress. */
const mostResult = (length: number): number => length + (length >> 4) + 1024;

/** Where a block is, and how to compress it: all that a thread is told. */
export interface DeflateTask {
  /** The memory, or the descriptor of a file, and where in it the content begins. */
  from: SharedArrayBuffer | number;
  start: number;
  /** Bytes in front of it to refer to. */
  before: number;
  /** Bytes of content: 1 to blockSize. */
  length: number;
  options: { level: number; memLevel: number; finishFlush: number; chunkSize: number };
}

/** A block as deflate, with nothing said of its being the last. */
export interface DeflatedBlock {
  /** In memory of its own. */
  bytes: Uint8Array;
  /** Of the content. */
  crc: number;
}

/** @param level 0 to 9. */
export function deflateTask(
  place: Pick<DeflateTask, 'from' | 'start' | 'before' | 'length'>,
  level: number,
): DeflateTask {
  return {
    ...place,
    // The larger table is a tenth faster. A result in one piece: pieces cost turns.
    options: {
      ...{ level, memLevel: 9, finishFlush: zlibConstants.Z_SYNC_FLUSH },
      chunkSize: mostResult(place.length),
    },
  };
}

/** A block that is filled from a stream. */
export interface MemoryBlock {
  /** The content before, then the content. */
  readonly memory: Buffer<SharedArrayBuffer>;
  /** Bytes of the content before, which end where the content begins. */
  before: number;
  /** Bytes of content. */
  length: number;
}

export function createBlock(): MemoryBlock {
  const memory = Buffer.from(new SharedArrayBuffer(windowSize + blockSize));
  return { memory, before: 0, length: 0 };
}

/** Empties a block that goes on where `previous`, a full one, ends. */
export function followBlock(block: MemoryBlock, previous: MemoryBlock): void {
  const end = windowSize + previous.length;
  previous.memory.copy(block.memory, 0, end - windowSize, end);
  block.before = windowSize;
  block.length = 0;
}

/** Takes what there is room for; returns how many bytes those are. */
export function fillBlock(block: MemoryBlock, bytes: Uint8Array): number {
  const count = Math.min(bytes.length, blockSize - block.length);
  block.memory.set(bytes.subarray(0, count), windowSize + block.length);
  block.length += count;
  return count;
}

export function memoryPlace({
  memory,
  before,
  length,
}: MemoryBlock): Pick<DeflateTask, 'from' | 'start' | 'before' | 'length'> {
  return { from: memory.buffer, start: windowSize, before, length };
}
