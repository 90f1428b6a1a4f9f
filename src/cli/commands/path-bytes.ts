// Paths whose names are no UTF-8: Node lists them with U+FFFD in the place of what it can't decode, and can't open them so.
import { lstatSync, readdirSync } from 'node:fs';
import { sep } from 'node:path';

const slash = Buffer.from(sep);

/** What opens an absolute path that a listing gave: the path itself, or its bytes; the first of several that look alike. */
export function pathBytes(path: string): string | Buffer {
  if (!path.includes('\ufffd') || lstatSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  let found: Buffer = Buffer.alloc(0);
  for (const part of path.split(sep).slice(1)) {
    const folder = Buffer.concat([found, slash]);
    const name = part.includes('\ufffd')
      ? readdirSync(folder, { encoding: 'buffer' }).find((one) => one.toString() === part)
      : undefined;
    found = Buffer.concat([folder, name ?? Buffer.from(part)]);
  }
  return found;
}
