// Gzip forms of layers: one member (RFC 1952) whose blocks are compressed side by side.
import { availableParallelism } from 'node:os';
import { combineCrc32 } from './crc32.ts';
import {
  blockSize,
  createBlock,
  type DeflateBlock,
  type DeflatedBlock,
  deflateOnPool,
  fillBlock,
  followBlock,
} from './deflate-block.ts';
import { type DeflateThreads, useDeflateThreads } from './deflate-threads.ts';

/** Measured: layers get the size that BuildKit's default gives them (Go's 6), in two thirds of the time of zlib's 6. */
const defaultLevel = 4;
/** Each takes 10 MB; six keep half of the main thread busy, which hashes what they read and write. */
const mostThreads = 6;

export interface GzipLimits {
  /** Blocks that are compressed side by side, and threads that are started. */
  threads?: number;
  /** Blocks that are compressed before threads are started: a thread's start takes as long as some of them. */
  before?: number;
}

/**
 * One gzip member. Its bytes depend on the content and the level alone: not on how the source is cut, on cores, time or system.
 * Memory is a constant: at most two blocks more than threads.
 * @param level 0 to 9.
 */
export async function* gzipChunks(
  source: AsyncIterable<Uint8Array>,
  level = defaultLevel,
  { threads = Math.min(availableParallelism(), mostThreads), before = 16 }: GzipLimits = {},
): AsyncGenerator<Buffer, void> {
  const running: { block: DeflateBlock; done: Promise<DeflatedBlock> }[] = [];
  const free: DeflateBlock[] = [];
  let shared: DeflateThreads | undefined;
  let blocks = 0;
  let crc = 0;
  let size = 0;

  const start = (block: DeflateBlock): void => {
    if (blocks++ === before && threads > 1) shared = useDeflateThreads(threads);
    const done = shared ? shared.deflate(block, level) : deflateOnPool(block, level);
    // Awaited below, in order; until then a failure must not count as unhandled.
    done.catch(() => {});
    running.push({ block, done });
  };
  const next = async (): Promise<Buffer> => {
    const { block, done } = running[0]!;
    const { bytes, crc: part } = await done;
    running.shift();
    crc = combineCrc32(crc, part, block.length);
    size += block.length;
    free.push(block);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  };

  try {
    yield header();
    let block = createBlock();
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        at += fillBlock(block, at === 0 ? chunk : chunk.subarray(at));
        if (block.length < blockSize) continue;
        start(block);
        if (running.length > threads + 1) yield await next();
        const following = free.pop() ?? createBlock();
        followBlock(following, block);
        block = following;
      }
    }
    if (block.length > 0) start(block);
    while (running.length > 0) yield await next();
    yield trailer(crc, size);
  } finally {
    await Promise.allSettled(running.map(({ done }) => done));
    shared?.[Symbol.dispose]();
  }
}

/** Of no time, no name, no level, and an unknown system (RFC 1952, 2.3). */
function header(): Buffer {
  return Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
}

/** A last block that is empty, then checksum and size of the content. */
function trailer(crc: number, size: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.set([3, 0]);
  bytes.writeUInt32LE(crc, 2);
  bytes.writeUInt32LE(size % 2 ** 32, 6);
  return bytes;
}
