// A file as the source of a tar reader that only wants its headers: what is skipped is not read.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { SkippableSource } from './byte-source.ts';

/** A header and most of what small files hold. Where most are small, reading all costs less than skipping what they hold. */
const leastWindow = 8 << 10;
const mostWindow = 64 << 10;

/** Reads synchronously: small reads of a file that was just written. */
export function createFileSource(path: string): SkippableSource {
  let at = 0;
  let size = 0;
  let windowSize = leastWindow;
  async function* windows(): AsyncGenerator<Buffer> {
    const file = openSync(path, 'r');
    try {
      size = fstatSync(file).size;
      while (at < size) {
        const window = Buffer.allocUnsafe(Math.min(windowSize, size - at));
        const length = readSync(file, window, 0, window.length, at);
        if (length === 0) return;
        at += length;
        windowSize = Math.min(windowSize * 2, mostWindow);
        yield window.subarray(0, length);
      }
    } finally {
      closeSync(file);
    }
  }
  return {
    [Symbol.asyncIterator]: windows,
    skip(count) {
      at += count;
      if (count > windowSize) windowSize = leastWindow;
      return at <= size;
    },
  };
}
