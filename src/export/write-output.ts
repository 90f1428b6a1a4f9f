// Sends a stream to a file or to the caller's stream: a file is there whole or not at all.
import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlipwayError } from '../errors.ts';
import { removeAbandoned, uniqueName } from '../fs/unique-name.ts';
import { untilAborted } from '../fs/until-aborted.ts';
import { exportError } from './export-error.ts';

export interface OutputTarget {
  /** An absolute path, or `-` for the stream. */
  dest: string;
  stdout: NodeJS.WritableStream | undefined;
  signal: AbortSignal;
}

/**
 * @param source its chunks need hold only until the next is asked for.
 * @throws ERR_EXPORT, ERR_DISK_FULL
 */
export async function writeOutput(source: AsyncIterable<Uint8Array>, target: OutputTarget): Promise<void> {
  const { dest, stdout, signal } = target;
  if (dest === '-') {
    if (!stdout)
      throw new SlipwayError('ERR_EXPORT', 'there is no stream to write the result to', {
        hint: 'give dest= a path',
      });
    try {
      await pipeline(readableOf(source), stdout, { signal, end: false });
    } catch (error) {
      signal.throwIfAborted();
      throw exportError(error, 'standard output');
    }
    return;
  }
  try {
    await mkdir(dirname(dest), { recursive: true });
    const path = await realpath(dest).catch(() => dest);
    const there = await stat(path).catch(() => undefined);
    // A device or a pipe is written to; a rename would put a file in its place.
    if (there && !there.isFile()) await pipeline(readableOf(source), createWriteStream(path), { signal });
    else await writeFileWhole(source, path, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw exportError(error, dest);
  }
}

/** A stream keeps chunks until it has written them. */
function readableOf(source: AsyncIterable<Uint8Array>): Readable {
  async function* copies(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) yield Buffer.from(chunk);
  }
  return Readable.from(copies(), { objectMode: false, highWaterMark: 1 << 20 });
}

/** Characters of a name that has to have room for more: file systems have names of 255 bytes. */
const mostOfName = 60;

async function writeFileWhole(
  source: AsyncIterable<Uint8Array>,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  // What an export to this path has left that was killed.
  const base = `.${basename(path).slice(0, mostOfName)}`;
  removeAbandoned(dirname(path), `${base}.`);
  const temporary = join(dirname(path), uniqueName(base));
  try {
    const file = await open(temporary, 'wx');
    try {
      await writeChunks(source, file, signal);
    } finally {
      await file.close();
    }
    signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Also a source that hangs is left when the signal says so. */
async function writeChunks(
  source: AsyncIterable<Uint8Array>,
  file: FileHandle,
  signal: AbortSignal,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const { value: chunk, done } = await untilAborted(iterator.next(), signal);
      if (done) break;
      for (let at = 0; at < chunk.length; )
        at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
    }
    ended = true;
  } finally {
    const stopped = ended ? undefined : iterator.return?.().catch(() => undefined);
    if (!signal.aborted) await stopped;
  }
}
