// Reads the bytes of files: their digest, and whether two hold the same. Memory is bounded, links are not followed.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type Digest, digestOf, finishDigest, newHash } from '../oci/digest.ts';
import type { Steps } from '../tree/steps.ts';

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What is read at once; a file that fits is hashed in one call, which is faster than feeding a hash. */
const chunkSize = 1 << 20;
/** One for all files: making a buffer costs more than reading a small file. Nothing in it outlives a call. */
let scratch: Buffer | undefined;

/** @param size what lstat said: a read that gives so many bytes, and could have given more, is not followed by another one. */
export function fileDigest(path: string | Buffer, size?: number): Digest {
  scratch ??= Buffer.allocUnsafeSlow(chunkSize);
  const buffer = scratch;
  const file = openSync(path, flags);
  try {
    let length = fill(file, buffer, size);
    if (length < buffer.length) return digestOf(buffer.subarray(0, length));
    const hash = newHash();
    for (; length > 0; length = readSync(file, buffer)) hash.update(buffer.subarray(0, length));
    return finishDigest(hash);
  } finally {
    closeSync(file);
  }
}

/** The same with a pause after each of some parts: for large files. */
export function* fileDigestSteps(path: string | Buffer): Steps<Digest> {
  // Others use the one that is shared in between.
  const buffer = Buffer.allocUnsafeSlow(chunkSize);
  const file = openSync(path, flags);
  try {
    const hash = newHash();
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, length));
      yield;
    }
    return finishDigest(hash);
  } finally {
    closeSync(file);
  }
}

/** Whether two files of the same size have the same bytes. */
export function sameContent(a: string | Buffer, b: string | Buffer): boolean {
  return withFile(a, (first) =>
    withFile(b, (second) => {
      const buffers = [Buffer.allocUnsafe(1 << 16), Buffer.allocUnsafe(1 << 16)] as const;
      for (;;) {
        const length = fill(first, buffers[0]);
        if (length !== fill(second, buffers[1])) return false;
        if (!buffers[0].subarray(0, length).equals(buffers[1].subarray(0, length))) return false;
        if (length < buffers[0].length) return true;
      }
    }),
  );
}

/** Reads until the buffer is full or the file ends, as it does after `size` bytes if that is what a call gives; returns the bytes read. */
function fill(file: number, buffer: Buffer, size?: number): number {
  let at = 0;
  while (at < buffer.length && (at === 0 || at !== size)) {
    const length = readSync(file, buffer, at, buffer.length - at, null);
    if (length === 0) break;
    at += length;
  }
  return at;
}

function withFile<T>(path: string | Buffer, use: (file: number) => T): T {
  const file = openSync(path, flags);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
