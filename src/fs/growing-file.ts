// A file that is read while it is still written to: readers wait for what is not there yet.
import { read } from 'node:fs';
import { promisify } from 'node:util';

export interface GrowingFile extends AsyncDisposable {
  /** Open for reading until this is disposed of. */
  readonly fd: number;
  /**
   * Waits until there are `size` bytes, or no more will come. Returns how many there are, `size` at most.
   * @throws what ended the writing early.
   */
  reach(size: number): Promise<number>;
}

export interface FileGrowth {
  readonly file: GrowingFile;
  /** Says how many bytes are written. */
  grow(size: number): void;
  /** Nothing more comes: the file is whole, or `failure` says why not. */
  end(failure?: unknown): void;
}

export function createFileGrowth(handle: { readonly fd: number; close(): Promise<void> }): FileGrowth {
  let written = 0;
  let state: { failure?: unknown } | undefined;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const one of woken) one();
  };
  const { fd } = handle;
  let closed: Promise<void> | undefined;
  return {
    grow(size) {
      written = size;
      wake();
    },
    end(failure) {
      state ??= failure === undefined ? {} : { failure };
      wake();
    },
    file: {
      fd,
      async reach(size) {
        for (;;) {
          if (state && 'failure' in state) throw state.failure;
          if (written >= size || state) return Math.min(written, size);
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      },
      async [Symbol.asyncDispose]() {
        closed ??= handle.close();
        await closed;
      },
    },
  };
}

const readAt = promisify(read);
const chunkSize = 1 << 20;

/** All bytes, in chunks that are the receiver's. @throws what ended the writing early. */
export async function* readGrowing({
  fd,
  reach,
}: Pick<GrowingFile, 'fd' | 'reach'>): AsyncGenerator<Buffer, void> {
  for (let at = 0; ; ) {
    const end = await reach(at + chunkSize);
    if (end === at) return;
    const { bytesRead, buffer } = await readAt(fd, Buffer.allocUnsafeSlow(end - at), 0, end - at, at);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
