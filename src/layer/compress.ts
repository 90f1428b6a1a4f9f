// Compressed forms of layers: gzip is made and read in this process, zstd, xz and bzip2 are read through their commands.
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
const blockSize = 1 << 20;

/**
 * Gzip members of 1 MiB of content each, compressed side by side on the thread pool. The bytes depend on the content and the
 * level alone: not on how the source is cut, on cores, time or system.
 * @param level 1 to 9, 6 unless given.
 */
export async function* gzipChunks(
  source: AsyncIterable<Uint8Array>,
  level = 6,
): AsyncGenerator<Buffer, void> {
  const width = Math.min(availableParallelism(), 4) + 1;
  const running: Promise<Buffer>[] = [];
  let started = false;
  try {
    for await (const block of blocks(source)) {
      started = true;
      const member = compress(block, { level }).then(anonymous);
      // Awaited below, in order; until then a failure must not count as unhandled.
      member.catch(() => {});
      running.push(member);
      if (running.length >= width) yield await running.shift()!;
    }
    if (!started) running.push(compress(Buffer.alloc(0), { level }).then(anonymous));
    for (const member of running.splice(0)) yield await member;
  } finally {
    await Promise.allSettled(running);
  }
}

/** Blanks what a gzip header says of time, level and system (RFC 1952, 2.3). */
function anonymous(member: Buffer): Buffer {
  member.fill(0, 4, 9);
  member[9] = 255;
  return member;
}

async function* blocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let block = Buffer.allocUnsafeSlow(blockSize);
  let used = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(chunk.length - at, blockSize - used);
      block.set(chunk.subarray(at, at + length), used);
      used += length;
      at += length;
      if (used < blockSize) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(blockSize);
      used = 0;
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
