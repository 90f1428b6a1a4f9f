// Files that tell scripts the result (`--iidfile`, `--metadata-file`): whole or not there at all.
import { existsSync, lstatSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';

/**
 * Removes a result of an earlier build, so that a build that fails leaves none.
 * @throws ERR_USAGE where such a file can't be made.
 */
export async function clearResultFile(path: string, flag: string): Promise<void> {
  if (!existsSync(dirname(path))) {
    throw new SlipwayError('ERR_USAGE', `${flag}: there is no folder ${dirname(path)}`, {
      hint: `mkdir -p ${dirname(path)}`,
    });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SlipwayError('ERR_USAGE', `${flag}: ${path} is a folder`);
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) await attempt(path, rm(path, { force: true }));
}

/** Writes the file by a rename; what a link (`/dev/stdout`), a device or a pipe leads to is written to as it is. @throws ERR_EXPORT */
export async function writeResultFile(path: string, content: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) return attempt(path, writeFile(path, content));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await attempt(path, writeFile(temporary, content, { flag: 'wx' }));
    await attempt(path, rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function attempt(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw new SlipwayError('ERR_EXPORT', `can't write ${path}: ${systemCode(cause) ?? 'unknown error'}`, {
      hint: 'name a file in a folder that you may write to',
      cause,
    });
  }
}
