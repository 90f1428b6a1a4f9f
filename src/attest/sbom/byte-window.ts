// Random access to a file that is not read at once: databases of packages, whose offsets are not to be trusted.
import type { ScannedFiles } from './found-package.ts';

const windowSize = 256 << 10;

export interface ByteWindow {
  readonly size: number;
  /** Exactly `length` bytes; undefined where the file has fewer, or `length` is absurd. */
  bytes(offset: number, length: number): Buffer | undefined;
}

/** @param largest of one read. */
export function createByteWindow(files: ScannedFiles, path: string, largest: number): ByteWindow {
  const size = files.tree.lstat(path)?.size ?? 0;
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return {
    size,
    bytes(offset, length) {
      if (!(offset >= 0 && length >= 0 && length <= largest && offset + length <= size)) return undefined;
      if (length > windowSize) {
        const bytes = files.read(path, offset, length);
        return bytes.length === length ? bytes : undefined;
      }
      if (offset < start || offset + length > start + window.length) {
        // What is read next most often follows.
        start = offset;
        window = files.read(path, start, windowSize);
      }
      const bytes = window.subarray(offset - start, offset - start + length);
      return bytes.length === length ? bytes : undefined;
    },
  };
}
