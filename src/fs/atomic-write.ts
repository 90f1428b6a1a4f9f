// Small files that are either whole or not there: temporary file, write, fsync, rename.
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../errors.ts';
import { traced } from '../trace.ts';
import { uniqueName } from './unique-name.ts';

/** Opens a new file for writing; makes its folder where that is missing. */
export async function createFile(path: string, mode = 0o666): Promise<FileHandle> {
  try {
    return await open(path, 'wx', mode);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return await open(path, 'wx', mode);
  }
}

/** Writes and closes a new file; nothing of it is left where that fails. */
async function writeNewFile(
  path: string,
  data: string | Uint8Array,
  options: { fsync: boolean; mode?: number | undefined },
): Promise<void> {
  const file = await createFile(path, options.mode);
  try {
    try {
      await file.writeFile(data);
      if (options.fsync) await traced('disk', 'fsync', () => file.sync());
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Replaces `path` by `data` in one step: readers see the old content or the new, also after a kill. With `fsync` (the
 * default) that holds after a power cut, too; without it, the new file may then be torn, and its reader must notice.
 * Missing folders are made. A system error is passed on as it is (`diskError` words it).
 * @param options `tmp`: the folder for the temporary file, on the same file system; where `path` lies, if undefined.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { tmp?: string | undefined; fsync?: boolean | undefined; mode?: number | undefined } = {},
): Promise<void> {
  const temporary = join(options.tmp ?? dirname(path), uniqueName(basename(path)));
  await writeNewFile(temporary, data, { fsync: options.fsync ?? true, mode: options.mode });
  try {
    await moveInto(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Renames over `path`; makes its folder where that is missing. */
export async function moveInto(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
  }
}
