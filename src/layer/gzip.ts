// Gzip forms of layers: one member (RFC 1952) whose blocks are compressed side by side.
import { availableParallelism } from 'node:os';
import type { GrowingFile } from '../fs/growing-file.ts';
import { releaseBuffer } from '../fs/release-buffer.ts';
import { combineCrc32 } from './crc32.ts';
import {
  blockSize,
  createBlock,
  type DeflatedBlock,
  type DeflateTask,
  deflateTask,
  fillBlock,
  followBlock,
  type MemoryBlock,
  memoryPlace,
  windowSize,
} from './deflate-block.ts';
import { deflateOnPool } from './deflate-program.ts';
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

/** A block, and what to do when its memory may be used again. */
interface Block {
  place: Parameters<typeof deflateTask>[0];
  free(): void;
}

/**
 * One gzip member. Its bytes depend on the content and the level alone: not on how the source is cut, on cores, time or system.
 * Memory is a constant: at most two blocks more than threads. A chunk holds only until the next is asked for.
 * @param level 0 to 9.
 */
export function gzipChunks(
  source: AsyncIterable<Uint8Array>,
  level = defaultLevel,
  limits: GzipLimits = {},
): AsyncGenerator<Buffer, void> {
  return gzipBlocks(memoryBlocks(source), level, limits);
}

/** The same of a file, which threads read by themselves, also while it is written to. It stays open. */
export function gzipFile(
  file: Pick<GrowingFile, 'fd' | 'reach'>,
  level = defaultLevel,
  limits: GzipLimits = {},
): AsyncGenerator<Buffer, void> {
  return gzipBlocks(fileBlocks(file), level, limits);
}

async function* memoryBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Block, void> {
  const spare: MemoryBlock[] = [];
  const filled = (block: MemoryBlock): Block => ({
    place: memoryPlace(block),
    free: () => void spare.push(block),
  });
  let block = createBlock();
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      at += fillBlock(block, at === 0 ? chunk : chunk.subarray(at));
      if (block.length < blockSize) continue;
      const following = spare.pop() ?? createBlock();
      followBlock(following, block);
      const full = block;
      block = following;
      yield filled(full);
    }
  }
  if (block.length > 0) yield filled(block);
}

async function* fileBlocks({ fd, reach }: Pick<GrowingFile, 'fd' | 'reach'>): AsyncGenerator<Block, void> {
  for (let start = 0; ; start += blockSize) {
    const length = (await reach(start + blockSize)) - start;
    const before = Math.min(start, windowSize);
    if (length > 0) yield { place: { from: fd, start, before, length }, free: () => {} };
    if (length < blockSize) return;
  }
}

async function* gzipBlocks(
  source: AsyncIterable<Block>,
  level: number,
  { threads = Math.min(availableParallelism(), mostThreads), before = 96 }: GzipLimits,
): AsyncGenerator<Buffer, void> {
  const running: { block: Block; done: Promise<DeflatedBlock> }[] = [];
  let shared: DeflateThreads | undefined;
  let blocks = 0;
  let crc = 0;
  let size = 0;

  const start = (block: Block): void => {
    if (blocks++ === before && threads > 1) shared = useDeflateThreads(threads);
    const task: DeflateTask = deflateTask(block.place, level);
    const done = shared ? shared.deflate(task) : deflateOnPool(task);
    // Awaited below, in order; until then a failure must not count as unhandled.
    done.catch(() => {});
    running.push({ block, done });
  };
  async function* next(): AsyncGenerator<Buffer, void> {
    const { block, done } = running[0]!;
    const { bytes, crc: part } = await done;
    running.shift();
    crc = combineCrc32(crc, part, block.place.length);
    size += block.place.length;
    block.free();
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    releaseBuffer(bytes);
  }

  try {
    yield header();
    for await (const block of source) {
      start(block);
      if (running.length > threads + 1) yield* next();
    }
    while (running.length > 0) yield* next();
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
