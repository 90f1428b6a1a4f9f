// How a block is compressed: on Node's thread pool, and the same in a thread of one's own.
import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import { releaseBuffer } from '../fs/release-buffer.ts';
import type { DeflatedBlock, DeflateTask } from './deflate-block.ts';
import { isIncompressible, storeBytes } from './incompressible.ts';

const readAt = promisify(read);

/** Less is compressed at once: the turns to the pool and back take as long. */
const little = 1 << 13;

/** On the thread pool: no thread has to start. */
export async function deflateOnPool(task: DeflateTask): Promise<DeflatedBlock> {
  const { before, length, options } = task;
  if (length <= little && before === 0 && options.level > 0) return deflateAtOnce(task);
  const all = typeof task.from === 'number' ? await readBlock(task.from, task) : memoryOf(task.from, task);
  const bytes = all.subarray(before, before + length);
  const crc = crc32(bytes);
  if (options.level === 0 || isIncompressible(bytes, deflatedSize)) {
    const stored = storeBytes(bytes);
    releaseBuffer(all);
    return { bytes: stored, crc };
  }
  const dictionary = before > 0 ? { dictionary: all.subarray(0, before) } : {};
  return new Promise((resolve, reject) => {
    deflateRaw(bytes, { ...options, ...dictionary }, (error, result) => {
      releaseBuffer(all);
      if (error) reject(error);
      else resolve({ bytes: result, crc });
    });
  });
}

function deflateAtOnce(task: DeflateTask): DeflatedBlock {
  let bytes: Buffer;
  if (typeof task.from === 'number') {
    bytes = Buffer.allocUnsafe(task.length);
    for (let at = 0; at < bytes.length; ) {
      const count = readSync(task.from, bytes, at, bytes.length - at, task.start + at);
      if (count === 0) throw new Error('the file became shorter while it was compressed');
      at += count;
    }
  } else bytes = memoryOf(task.from, task);
  return { bytes: deflateRawSync(bytes, task.options), crc: crc32(bytes) };
}

/** In one piece of memory of its own, which is given back. */
const sampleChunk = 1 << 16;

function deflatedSize(bytes: Uint8Array): number {
  const deflated = deflateRawSync(bytes, { level: 1, chunkSize: sampleChunk });
  const { length } = deflated;
  releaseBuffer(deflated);
  return length;
}

function memoryOf(memory: SharedArrayBuffer, { start, before, length }: DeflateTask): Buffer {
  return Buffer.from(memory, start - before, before + length);
}

async function readBlock(fd: number, { start, before, length }: DeflateTask): Promise<Buffer> {
  const block = Buffer.allocUnsafeSlow(before + length);
  for (let at = 0; at < block.length; ) {
    const { bytesRead } = await readAt(fd, block, at, block.length - at, start - before + at);
    if (bytesRead === 0) throw new Error('the file became shorter while it was compressed');
    at += bytesRead;
  }
  return block;
}

/**
 * A thread's program, as CommonJS: it is sent tasks and answers each, in order. Results are given away: what a thread keeps of them
 * until it collects garbage is ten times as much.
 */
export const deflateProgram = `
const { MessageChannel, parentPort } = require('node:worker_threads');
const { readSync } = require('node:fs');
const { crc32, deflateRawSync } = require('node:zlib');
const isIncompressible = ${isIncompressible.toString()};
const storeBytes = ${storeBytes.toString()};
const { port1: drain, port2 } = new MessageChannel();
port2.close();
drain.close();
function deflatedSize(bytes) {
  const deflated = deflateRawSync(bytes, { level: 1, chunkSize: ${sampleChunk} });
  const { length } = deflated;
  drain.postMessage(null, [deflated.buffer]);
  return length;
}
let own;
function content({ from, start, before, length }) {
  if (typeof from !== 'number') return new Uint8Array(from, start - before, before + length);
  if (!own || own.length < before + length) own = Buffer.allocUnsafeSlow(before + length);
  for (let at = 0; at < before + length; ) {
    const count = readSync(from, own, at, before + length - at, start - before + at);
    if (count === 0) throw new Error('the file became shorter while it was compressed');
    at += count;
  }
  return own;
}
parentPort.on('message', (task) => {
  const { before, length, options } = task;
  const all = content(task);
  const input = all.subarray(before, before + length);
  const crc = crc32(input);
  const dictionary = before > 0 ? { dictionary: all.subarray(0, before) } : {};
  const bytes = options.level === 0 || isIncompressible(input, deflatedSize)
    ? storeBytes(input)
    : deflateRawSync(input, { ...options, ...dictionary });
  parentPort.postMessage({ bytes, crc }, [bytes.buffer]);
});
`;
