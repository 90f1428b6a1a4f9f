// Puts files of a tar where somebody can open them.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Content } from './index-tree.ts';

/** @param scratch an empty folder; removed by the caller. Each file is copied once. */
export function createExtractor(scratch: string): (content: Content) => string {
  const extracted = new Map<string, string>();
  return (content) => {
    const key = `${content.file} ${content.offset}`;
    let path = extracted.get(key);
    if (path === undefined) {
      path = join(scratch, String(extracted.size));
      copyRange(content, path);
      extracted.set(key, path);
    }
    return path;
  };
}

function copyRange({ file, offset, size }: Content, path: string): void {
  const from = openSync(file, 'r');
  const to = openSync(path, 'wx');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, 1 << 20));
    for (let at = 0; at < size; ) {
      const count = readSync(from, buffer, 0, Math.min(buffer.length, size - at), offset + at);
      if (count === 0) throw new Error(`${file} ends too early`);
      writeSync(to, buffer, 0, count);
      at += count;
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
}
