// Files on their way out, as a tar or into a folder: whole, and one after the other.
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant } from '../errors.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { outerEnd, outerHeader, outerPadding } from './outer-tar.ts';

export interface OutgoingFile {
  /** `blobs/sha256/…`. */
  path: string;
  /** Bytes. */
  size: number;
  /** A chunk holds only until the next is asked for. */
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * A chunk holds only until the next is asked for.
 * @param options `folders` come first; `mtime` is that of all: seconds since 1970.
 */
export async function* tarOfFiles(
  files: AsyncIterable<OutgoingFile>,
  { folders, mtime }: { folders: readonly string[]; mtime: number },
): AsyncGenerator<Uint8Array> {
  for (const path of folders) yield outerHeader({ path, size: 0, mtime });
  for await (const { path, size, content } of files) {
    yield outerHeader({ path, size, mtime });
    let seen = 0;
    for await (const chunk of content) {
      seen += chunk.length;
      yield chunk;
    }
    invariant(seen === size, `${path} has ${seen} bytes, and not ${size}`);
    yield outerPadding(size);
  }
  yield outerEnd();
}

/** How the files begin that a killed export leaves in a folder. */
export const partPrefix = '.part';

/** Writes a file below `folder`, where its own folder is; there is the old one or the new one, never half of one. */
export async function writeFileWhole(folder: string, { path, content }: OutgoingFile): Promise<void> {
  const temporary = join(folder, uniqueName(partPrefix));
  try {
    await writeFile(temporary, content);
    await rename(temporary, join(folder, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
