// Sends a stream to a file or to the caller's stream: a file is there whole or not at all.
import { createWriteStream } from 'node:fs';
import { mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlipwayError } from '../errors.ts';
import { uniqueName } from '../fs/atomic-write.ts';
import { exportError } from './export-error.ts';

export interface OutputTarget {
  /** An absolute path, or `-` for the stream. */
  dest: string;
  stdout: NodeJS.WritableStream | undefined;
  signal: AbortSignal;
}

/** @throws ERR_EXPORT, ERR_DISK_FULL */
export async function writeOutput(source: AsyncIterable<Uint8Array>, target: OutputTarget): Promise<void> {
  const { dest, stdout, signal } = target;
  const readable = Readable.from(source, { objectMode: false, highWaterMark: 1 << 20 });
  if (dest === '-') {
    if (!stdout)
      throw new SlipwayError('ERR_EXPORT', 'there is no stream to write the result to', {
        hint: 'give dest= a path',
      });
    try {
      await pipeline(readable, stdout, { signal, end: false });
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
    if (there && !there.isFile()) await pipeline(readable, createWriteStream(path), { signal });
    else await writeFileWhole(readable, path, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw exportError(error, dest);
  }
}

async function writeFileWhole(source: Readable, path: string, signal: AbortSignal): Promise<void> {
  const temporary = join(dirname(path), uniqueName(`.${basename(path)}`));
  try {
    await pipeline(source, createWriteStream(temporary, { flags: 'wx' }), { signal });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
