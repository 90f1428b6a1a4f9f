// Reads a blob's file and checks it against its digest, bytes and size known only at the end of the stream.
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SlipwayError, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { type Digest, digestOf, finishDigest, newHash } from '../oci/digest.ts';

const chunkSize = 1 << 20;
/** Bytes that are read and hashed in less than a millisecond. */
const smallSize = 1 << 19;

/** @throws ERR_BLOB_NOT_FOUND, also for what is no regular file. */
export async function openBlobFile(path: string, digest: Digest): Promise<FileHandle> {
  const missing = () =>
    new SlipwayError('ERR_BLOB_NOT_FOUND', `${digest} is not in the store`, {
      hint: 'it was removed or never stored; build or pull the image again',
    });
  let file: FileHandle;
  try {
    // Not blocking: a FIFO in a layout from elsewhere must not hang the build.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENXIO'].includes(systemCode(error) ?? '')) throw missing();
    throw diskError(error, 'reading a blob');
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw missing();
}

/** The bytes of an open file in chunks of 1 MiB; each is the receiver's to keep. Reads one ahead. Leaves the file open. */
export async function* readChunks(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  const next = async () => {
    const buffer = Buffer.allocUnsafeSlow(chunkSize);
    const { bytesRead } = await file.read(buffer, 0, chunkSize, null);
    return buffer.subarray(0, bytesRead);
  };
  let ahead = next();
  try {
    for (;;) {
      const chunk = await ahead;
      if (chunk.length === 0) return;
      ahead = next();
      yield chunk;
    }
  } catch (error) {
    throw diskError(error, 'reading a blob');
  } finally {
    await ahead.catch(() => undefined);
  }
}

export interface VerifyOptions {
  /** Whether the file is one whose bytes were hashed before. */
  isKnown?(found: BigIntStats): boolean;
  /** Called with the open file before a mismatch is thrown. */
  onDamage?(file: FileHandle): Promise<void>;
}

/**
 * A small blob, read and hashed at once: microseconds, where asking other threads for each step takes longer. Undefined for what is large, absent
 * or not as it should be.
 */
function readSmall(path: string, digest: Digest): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > smallSize) return undefined;
    const bytes = readFileSync(file);
    return digestOf(bytes) === digest ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** The bytes of a blob's file; @throws ERR_DIGEST_MISMATCH after the last one where they are not what `digest` names. */
export async function* readVerified(
  path: string,
  digest: Digest,
  { isKnown, onDamage }: VerifyOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const small = readSmall(path, digest);
  if (small) {
    if (small.length > 0) yield small;
    return;
  }
  const file = await openBlobFile(path, digest);
  try {
    if (isKnown?.(await file.stat({ bigint: true }))) {
      yield* readChunks(file);
      return;
    }
    const hash = newHash();
    for await (const chunk of readChunks(file)) {
      hash.update(chunk);
      yield chunk;
    }
    const actual = finishDigest(hash);
    if (actual === digest) return;
    await onDamage?.(file);
    throw new SlipwayError('ERR_DIGEST_MISMATCH', `the stored blob ${digest} is damaged: it is ${actual}`, {
      hint: 'run it again: the content is then built or fetched anew; if that does not help, check the disk',
    });
  } finally {
    await file.close();
  }
}
