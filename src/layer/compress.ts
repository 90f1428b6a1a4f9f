// What forms of layers other than plain gzip have in common: blocks that are compressed by themselves, side by side.
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { gzip, type ZlibOptions } from 'node:zlib';
import { releaseBuffer } from '../fs/release-buffer.ts';

// Not before it is called: loading zlib takes longer than a small block.
const compress: (block: Uint8Array, options: ZlibOptions) => Promise<Buffer> = (block, options) =>
  promisify<Uint8Array, ZlibOptions, Buffer>(gzip)(block, options);

export interface BlockOptions {
  /** Bytes of content in a block. */
  size: number;
  compress(block: Buffer): Promise<Buffer>;
}

/**
 * Each block by itself, in order; no content is one empty block. At most five blocks are in memory. A chunk holds only until the
 * next is asked for.
 */
export async function* compressBlocks(
  source: AsyncIterable<Uint8Array>,
  options: BlockOptions,
): AsyncGenerator<Buffer, void> {
  const width = Math.min(availableParallelism(), 4) + 1;
  const running: Promise<Buffer>[] = [];
  const start = (block: Buffer): void => {
    const member = options.compress(block).finally(() => releaseBuffer(block));
    // Awaited below, in order; until then a failure must not count as unhandled.
    member.catch(() => {});
    running.push(member);
  };
  let started = false;
  try {
    for await (const block of blocks(source, options.size)) {
      started = true;
      start(block);
      if (running.length >= width) yield* given(running.shift()!);
    }
    if (!started) start(Buffer.alloc(0));
    while (running.length > 0) yield* given(running.shift()!);
  } finally {
    await Promise.allSettled(running);
  }
}

async function* given(member: Promise<Buffer>): AsyncGenerator<Buffer, void> {
  const bytes = await member;
  yield bytes;
  releaseBuffer(bytes);
}

/** A gzip member whose bytes depend on content and level alone. */
export async function anonymousGzip(content: Buffer, level: number): Promise<Buffer> {
  // In few pieces: each costs a turn of the event loop.
  return anonymous(await compress(content, { level, chunkSize: 1 << 18 }));
}

/** Blanks what a gzip header says of time, level and system (RFC 1952, 2.3). */
function anonymous(member: Buffer): Buffer {
  member.fill(0, 4, 9);
  member[9] = 255;
  return member;
}

async function* blocks(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer, void> {
  let block = Buffer.allocUnsafeSlow(size);
  let used = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(chunk.length - at, size - used);
      block.set(chunk.subarray(at, at + length), used);
      used += length;
      at += length;
      if (used < size) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(size);
      used = 0;
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
