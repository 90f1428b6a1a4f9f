// A copy of a context, and edits made in it. Nothing outside of the copy is touched, whatever its links point at.
import { constants } from 'node:fs';
import {
  appendFile,
  chmod,
  cp,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SlipwayError, systemCode } from '../../errors.ts';
import type { Edit, EditLine } from '../../replay/edit-list.ts';

/** @throws ERR_CONTEXT */
export async function copyContext(context: string, copy: string): Promise<void> {
  try {
    await cp(context, copy, {
      ...{ recursive: true, verbatimSymlinks: true, preserveTimestamps: true },
      mode: constants.COPYFILE_FICLONE,
    });
  } catch (cause) {
    throw new SlipwayError('ERR_CONTEXT', `${context} can't be copied: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** @throws ERR_USAGE for an edit of what is not there */
export async function applyEdits(copy: string, { line, edits }: EditLine, file: string): Promise<void> {
  for (const edit of edits) {
    try {
      await applyEdit(copy, edit);
    } catch (cause) {
      if (!(cause instanceof SlipwayError) && systemCode(cause) === undefined) throw cause;
      const why = systemCode(cause) === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
      throw new SlipwayError('ERR_USAGE', `${file}, line ${line}: ${edit.type} ${edit.path}: ${why}`, {
        hint: 'paths are relative to the context, as the lines before have left it',
        cause,
      });
    }
  }
}

async function applyEdit(copy: string, edit: Edit): Promise<void> {
  const path = await placeOf(copy, edit.path);
  switch (edit.type) {
    case 'touch':
      await mustBePlain(path);
      return utimes(path, new Date(), new Date());
    case 'modify':
      await mustBePlain(path);
      return modify(path);
    case 'append':
      await mustBePlain(path);
      return appendFile(path, edit.text);
    case 'add':
      await mkdir(dirname(path), { recursive: true });
      if (await lstat(path).catch(() => undefined)) await mustBePlain(path);
      return writeFile(path, edit.text);
    case 'delete':
      await lstat(path);
      return rm(path, { recursive: true });
    case 'rename': {
      const to = await placeOf(copy, edit.to);
      await mkdir(dirname(to), { recursive: true });
      return rename(path, to);
    }
    case 'chmod':
      await mustBePlain(path, true);
      return chmod(path, edit.mode);
  }
}

/** Where the path is, no folder on the way to it being a link that leads out. */
async function placeOf(copy: string, path: string): Promise<string> {
  const top = await realpath(copy);
  const place = join(top, path);
  for (let folder = dirname(place); folder !== top; folder = dirname(folder)) {
    const real = await realpath(folder).catch(() => undefined);
    if (real === undefined) continue;
    if (real === top || real.startsWith(`${top}/`)) break;
    throw new SlipwayError('ERR_USAGE', 'a link on the way leads out of the context');
  }
  return place;
}

async function mustBePlain(path: string, folderToo = false): Promise<void> {
  const found = await lstat(path);
  if (found.isFile() || (folderToo && found.isDirectory())) return;
  throw new SlipwayError('ERR_USAGE', 'that is no plain file');
}

/** Its last character that is no line's end becomes another; of an empty file, its first. */
async function modify(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.max(
    0,
    bytes.findLastIndex((byte) => byte !== 10 && byte !== 13),
  );
  await using file = await open(path, 'r+');
  await file.write(Buffer.from([bytes[at] === 0x78 ? 0x79 : 0x78]), 0, 1, at);
}
