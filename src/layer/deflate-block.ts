// A block of a deflate stream in memory that threads share: it is compressed by itself, knowing what precedes it.
import { crc32, deflateRaw, constants as zlibConstants } from 'node:zlib';

/** Bytes of content in a block. Measured: larger ones compress neither better nor faster. */
export const blockSize = 1 << 19;
/** How far back deflate refers (RFC 1951, 2). */
const windowSize = 1 << 15;
/** Deflate adds a few bytes to each 16 KiB that it can't compress. */
const mostResult = blockSize + (blockSize >> 4) + 1024;

export interface DeflateBlock {
  /** The content before, then the content. */
  readonly memory: Buffer<SharedArrayBuffer>;
  /** Bytes of the content before, which end where the content begins. */
  before: number;
  /** Bytes of content. */
  length: number;
}

/** A block as deflate, with nothing said of its being the last. */
export interface DeflatedBlock {
  bytes: Uint8Array;
  /** Of the content. */
  crc: number;
}

export function createBlock(): DeflateBlock {
  const memory = Buffer.from(new SharedArrayBuffer(windowSize + blockSize));
  return { memory, before: 0, length: 0 };
}

/** Empties a block that goes on where `previous`, a full one, ends. */
export function followBlock(block: DeflateBlock, previous: DeflateBlock): void {
  const end = windowSize + previous.length;
  previous.memory.copy(block.memory, 0, end - windowSize, end);
  block.before = windowSize;
  block.length = 0;
}

/** Takes what there is room for; returns how many bytes those are. */
export function fillBlock(block: DeflateBlock, bytes: Uint8Array): number {
  const count = Math.min(bytes.length, blockSize - block.length);
  block.memory.set(bytes.subarray(0, count), windowSize + block.length);
  block.length += count;
  return count;
}

/** What a thread is sent: where in the memory the parts are, and how to compress. */
export function deflateTask(block: DeflateBlock, level: number): DeflateTask {
  const before = level === 0 ? 0 : block.before;
  return {
    memory: block.memory.buffer,
    before: [windowSize - before, before],
    content: [windowSize, block.length],
    // A result in one piece: how deflate stores what it does not compress depends on the pieces.
    options: { level, finishFlush: zlibConstants.Z_SYNC_FLUSH, chunkSize: mostResult },
  };
}

export interface DeflateTask {
  memory: SharedArrayBuffer;
  before: [start: number, length: number];
  content: [start: number, length: number];
  options: { level: number; finishFlush: number; chunkSize: number };
}

/** On the thread pool: no thread has to start. */
export function deflateOnPool(block: DeflateBlock, level: number): Promise<DeflatedBlock> {
  const { memory, before, content, options } = deflateTask(block, level);
  const bytes = Buffer.from(memory, ...content);
  const dictionary = before[1] > 0 ? { dictionary: Buffer.from(memory, ...before) } : {};
  return new Promise((resolve, reject) => {
    deflateRaw(bytes, { ...options, ...dictionary }, (error, result) => {
      if (error) reject(error);
      else resolve({ bytes: result, crc: crc32(bytes) });
    });
  });
}

/**
 * The same on a thread of one's own, which is sent tasks and answers each, in order. The text runs as CommonJS. Results are given
 * away: what a thread keeps of them until it collects garbage is ten times as much.
 */
export const deflateThread = `
const { parentPort } = require('node:worker_threads');
const { crc32, deflateRawSync } = require('node:zlib');
parentPort.on('message', ({ memory, before, content, options }) => {
  const input = new Uint8Array(memory, ...content);
  const dictionary = before[1] > 0 ? { dictionary: new Uint8Array(memory, ...before) } : {};
  const bytes = deflateRawSync(input, { ...options, ...dictionary });
  parentPort.postMessage({ bytes, crc: crc32(input) }, [bytes.buffer]);
});
`;
