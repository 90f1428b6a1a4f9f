// Random access to a file that is not read at once: databases of packages, whose offsets are not to be trusted.
import type { ScannedFiles } from './found-package.ts';

const windowSize = 256 << 10;
/** A sound database is read once or twice. Offsets that lead back to the same places again and again come to an end. */
const mostReads = 16;
/** What moving the window counts as: a sound database may be read in pages of 4 KiB that follow in no order. */
const moveCost = windowSize / 16;

export interface ByteWindow {
  readonly size: number;
  /** Exactly `length` bytes; undefined where the file has fewer, `length` is absurd, or the file was read too often already. */
  bytes(offset: number, length: number): Buffer | undefined;
}

/** @param largest of one read. */
export function createByteWindow(files: ScannedFiles, path: string, largest: number): ByteWindow {
  const size = files.tree.lstat(path)?.size ?? 0;
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  let left = mostReads * (size + windowSize);
  return {
    size,
    bytes(offset, length) {
      if (!(offset >= 0 && length >= 0 && length <= largest && offset + length <= size)) return undefined;
      left -= length;
      if (left < 0) return undefined;
      if (length > windowSize) {
        const bytes = files.read(path, offset, length);
        return bytes.length === length ? bytes : undefined;
      }
      if (offset < start || offset + length > start + window.length) {
        // What is read next most often follows.
        start = offset;
        left -= moveCost;
        window = files.read(path, start, windowSize);
      }
      const bytes = window.subarray(offset - start, offset - start + length);
      return bytes.length === length ? bytes : undefined;
    },
  };
}
