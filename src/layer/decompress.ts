// Reads a layer or archive in whatever form it is stored, which its first bytes tell.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Duplex, pipeline, Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { SlipwayError } from '../errors.ts';
import { badArchive } from './bad-archive.ts';
import type { UnpackCounter } from './unpack-limits.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

interface Format {
  name: Exclude<Compression, 'none'>;
  magic: number[];
  /** Debian package of the command. */
  package: string;
  /** Of the command; zstd refuses by itself what needs more than 128 MiB of memory. */
  args?: string[];
}

const formats: Format[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], package: 'gzip' },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], package: 'zstd' },
  {
    name: 'xz',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    package: 'xz-utils',
    args: ['--memlimit-decompress=2GiB'],
  },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], package: 'bzip2' },
];
const magicLength = 6;
const outputChunk = 1 << 20;

/** What the first bytes (6 are enough) of a stream say. */
export function detectCompression(head: Uint8Array): Compression {
  return formats.find(({ magic }) => magic.every((byte, at) => head[at] === byte))?.name ?? 'none';
}

/**
 * The stream without its compression; several gzip members or zstd frames in a row are one stream.
 * @param counter is told of what comes out, and ends it beyond a limit.
 * @throws ERR_BAD_ARCHIVE where it is cut short, damaged, or followed by something else; ERR_UNSUPPORTED where the command is missing.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  counter?: UnpackCounter,
): AsyncGenerator<Buffer, void> {
  let packed = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of source) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const { head, rest, close } = await peek(counter ? counted() : source, signal);
  const compression = detectCompression(head);
  try {
    const unpacked = unpackedForm(rest, compression, signal);
    if (!counter) return yield* unpacked;
    for await (const chunk of unpacked) {
      counter.add(chunk.length, compression === 'none' ? undefined : packed);
      yield chunk;
    }
  } finally {
    await close();
  }
}

function unpackedForm(
  packed: AsyncGenerator<Buffer, void>,
  compression: Compression,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  if (compression === 'none') return packed;
  if (compression === 'gzip') return gunzip(packed, signal);
  return throughCommand(packed, formats.find(({ name }) => name === compression)!, signal);
}

async function peek(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer, void>; close(): Promise<void> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < magicLength && !ended) {
    signal.throwIfAborted();
    const next = await iterator.next();
    if (next.done) ended = true;
    else head = head.length === 0 ? toBuffer(next.value) : Buffer.concat([head, next.value]);
  }
  async function* rest(): AsyncGenerator<Buffer, void> {
    if (head.length > 0) yield head;
    while (!ended) {
      signal.throwIfAborted();
      const next = await iterator.next();
      if (next.done) ended = true;
      else yield toBuffer(next.value);
    }
  }
  async function close(): Promise<void> {
    if (!ended) await iterator.return?.();
    ended = true;
  }
  return { head, rest: rest(), close };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function* gunzip(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const transform = zlib.createGunzip({ chunkSize: outputChunk });
  const fed = watch(source);
  yield* through(fed, transform, signal);
  // Zeros after the last member are padding, and whatever follows them goes unread.
  if (fed.total() - transform.bytesWritten > fed.zeros())
    throw badArchive('something follows its compressed form');
}

interface Watched {
  chunks: AsyncIterable<Buffer>;
  /** What the source itself threw. */
  error(): unknown;
  /** Bytes so far, and how many zeros they end with. */
  total(): number;
  zeros(): number;
}

function watch(source: AsyncIterable<Buffer>): Watched {
  let failure: unknown;
  let total = 0;
  let zeros = 0;
  async function* chunks(): AsyncGenerator<Buffer, void> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        // The source's failures alone: whoever takes the chunks throws its own in here.
        const next = await iterator.next().catch((error: unknown) => {
          failure = error;
          throw error;
        });
        if (next.done) return;
        const chunk = next.value;
        let end = chunk.length;
        while (end > 0 && chunk[end - 1] === 0) end--;
        zeros = end === 0 ? zeros + chunk.length : chunk.length - end;
        total += chunk.length;
        yield chunk;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { chunks: chunks(), error: () => failure, total: () => total, zeros: () => zeros };
}

/** Errors of the source come out as they are, those of the transform as ERR_BAD_ARCHIVE. */
async function* through(fed: Watched, transform: Duplex, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const abort = (): void => void transform.destroy(new Error('aborted'));
  signal.addEventListener('abort', abort, { once: true });
  const finished = new Promise<void>((resolve) =>
    pipeline(Readable.from(fed.chunks), transform, () => resolve()),
  );
  try {
    signal.throwIfAborted();
    yield* transform;
    await finished;
  } catch (error) {
    signal.throwIfAborted();
    throw fed.error() ?? badArchive('its compressed form is damaged or cut short', error);
  } finally {
    signal.removeEventListener('abort', abort);
    transform.destroy();
  }
}

async function* throughCommand(
  source: AsyncIterable<Buffer>,
  format: Format,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const child = spawn(format.name, ['-dc', ...(format.args ?? [])], { stdio: 'pipe' });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const builtin = format.name === 'zstd' ? builtinZstd() : undefined;
    if (builtin) return yield* through(watch(source), builtin, signal);
    throw new SlipwayError('ERR_UNSUPPORTED', `reading ${format.name} needs the command ${format.name}`, {
      hint: `apt-get install ${format.package}`,
      cause,
    });
  }
  const fed = watch(source);
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const abort = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-1000);
  });
  // Where the source fails the child must not take what it has for all there is.
  pipeline(Readable.from(fed.chunks), child.stdin, () => {
    if (fed.error() !== undefined) child.kill('SIGKILL');
  });
  try {
    signal.throwIfAborted();
    yield* child.stdout;
    const code = await closed;
    signal.throwIfAborted();
    if (fed.error() !== undefined) throw fed.error();
    if (code !== 0 || complaint.includes('trailing garbage')) {
      throw badArchive(`its ${format.name} form is damaged or cut short: ${complaint.trim()}`);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}

/** Node has it from 22.15 on. */
function builtinZstd(): Duplex | undefined {
  return (zlib as { createZstdDecompress?: () => Duplex }).createZstdDecompress?.();
}
