// Writes a stream to an open file and hashes it on the way; two buffers of 1 MiB, whatever the stream's length.
import type { FileHandle } from 'node:fs/promises';
import { diskError } from '../fs/disk-error.ts';
import { finishDigest, newHash } from '../oci/digest.ts';
import type { BlobInfo } from '../seams.ts';

const bufferSize = 1 << 20;

export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface WriteOptions {
  limit: number | undefined;
  /** Told how many bytes are in the file by now. */
  grow?: ((size: number) => void) | undefined;
}

/**
 * Appends the bytes of `source`, which may use its buffers again after each chunk. Stops reading once there are more than
 * `limit` bytes: the returned size is then above the limit, and the file is not complete.
 */
export async function writeBlob(
  file: FileHandle,
  source: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<BlobInfo> {
  const hash = newHash();
  const writer = createStagedWriter(file, options.grow);
  let size = 0;
  try {
    for await (const bytes of source) {
      size += bytes.length;
      if (options.limit !== undefined && size > options.limit) break;
      hash.update(bytes);
      await writer.write(bytes);
    }
    await writer.flush();
  } finally {
    await writer.settled();
  }
  return { digest: finishDigest(hash), size };
}

interface StagedWriter {
  /** Resolves when `bytes` may be used again. */
  write(bytes: Uint8Array): Promise<void>;
  flush(): Promise<void>;
  /** Resolves when no write is under way, failed or not. */
  settled(): Promise<void>;
}

/**
 * Copies chunks together, so that many small ones cost few writes; fills one buffer while another thread writes the other.
 * Measured: also for chunks of 1 MiB the copy costs less than waiting for each write.
 */
function createStagedWriter(file: FileHandle, grow: WriteOptions['grow']): StagedWriter {
  let filling: Buffer | undefined;
  let spare: Buffer | undefined;
  let used = 0;
  let pending: Promise<void> = Promise.resolve();
  let written = 0;

  function start(bytes: Uint8Array): void {
    pending = writeAll(file, bytes).then(() => {
      written += bytes.length;
      grow?.(written);
    });
    // Its failure is reported to whoever waits for it next.
    pending.catch(() => undefined);
  }

  async function write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      filling ??= Buffer.allocUnsafeSlow(bufferSize);
      const count = Math.min(bytes.length - at, bufferSize - used);
      filling.set(bytes.subarray(at, at + count), used);
      used += count;
      at += count;
      if (used < bufferSize) continue;
      await pending;
      start(filling);
      [filling, spare] = [spare, filling];
      used = 0;
    }
  }

  return {
    write,
    async flush() {
      await pending;
      if (filling && used > 0) start(filling.subarray(0, used));
      await pending;
    },
    settled: () => pending.catch(() => undefined),
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
  } catch (error) {
    throw diskError(error, 'storing a blob');
  }
}
