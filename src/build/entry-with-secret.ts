// Which entry of a layer holds what was found in its tar, and in what part of it.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { encodePath } from '../fs/path-bytes.ts';
import type { LayerEntry } from '../seams.ts';
import type { SecretSearch } from '../secrets/secret-search.ts';

/** In words: `the name "/a"`. Where no entry can be blamed it is the newest one; '' where there is none. */
export function entryWith(entries: readonly LayerEntry[], search: SecretSearch): string {
  const has = (text: string): boolean => search.find(Buffer.from(text)) !== undefined;
  for (const entry of entries) {
    const path = JSON.stringify(`/${entry.path}`);
    if (has(entry.path)) return `the name ${path}`;
    if (entry.kind !== 'entry') continue;
    if (has(entry.linkTarget)) return `the target of the link ${path}`;
    for (const [name, value] of Object.entries(entry.xattrs))
      if (has(name) || search.find(value)) return `an extended attribute of ${path}`;
    if (entry.stat.type === 'file' && entry.hardLinkTo === undefined && contentHas(entry.content, search))
      return path;
  }
  const last = entries.at(-1);
  return last === undefined ? '' : `${JSON.stringify(`/${last.path}`)}, or what is beside it,`;
}

function contentHas(content: string | Uint8Array | undefined, search: SecretSearch): boolean {
  if (content === undefined) return false;
  if (typeof content !== 'string') return search.find(content) !== undefined;
  let fd: number;
  try {
    fd = openSync(encodePath(content), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    const stream = search.stream();
    const chunk = Buffer.alloc(1 << 20);
    for (;;) {
      const count = readSync(fd, chunk, 0, chunk.length, null);
      if (count === 0) return false;
      if (stream.next(chunk.subarray(0, count))) return true;
    }
  } finally {
    closeSync(fd);
  }
}
