// Small blobs are written by calls of microseconds: each turn to another thread takes longer, and a step makes two of them.

import { closeSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../errors.ts';
import { privateMode } from '../fs/private-folder.ts';

/** The most that is waited for in memory before a file is made. */
export const smallSize = 1 << 16;

/** What a stream begins with. */
export interface Head {
  /** Copies, for a source may use its buffers again. */
  bytes: Buffer;
  /** The chunk that was one too many, until the next is asked for; undefined where `bytes` are all. */
  next: Uint8Array | undefined;
}

export async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Head> {
  const pieces: Buffer[] = [];
  let size = 0;
  for (;;) {
    const step = await chunks.next();
    const next = step.done ? undefined : step.value;
    size += next?.length ?? 0;
    if (next === undefined || size > smallSize)
      return { bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), next };
    pieces.push(Buffer.from(next));
  }
}

/** The whole stream again. */
export async function* withHead(
  { bytes, next }: Head,
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (bytes.length > 0) yield bytes;
    if (next) yield next;
    yield* chunks;
  } finally {
    await chunks.return();
  }
}

/** Writes `temporary` and renames it to `path`; makes folders that are missing. A system error is passed on as it is. */
export function writeSmall(temporary: string, path: string, bytes: Uint8Array): void {
  // Read-only for others from the start: nothing changes a blob.
  const file = inFolder(temporary, () => openSync(temporary, 'wx', 0o444));
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } finally {
      closeSync(file);
    }
    inFolder(path, () => renameSync(temporary, path));
  } catch (error) {
    try {
      unlinkSync(temporary);
    } catch {
      // What went wrong first is told.
    }
    throw error;
  }
}

function inFolder<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true, mode: privateMode });
    return work();
  }
}
