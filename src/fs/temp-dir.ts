// Temporary folders that are gone when their owner lets go of them.

import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { privateMode } from './private-folder.ts';
import { uniqueName } from './unique-name.ts';

export type TempDir = { path: string } & AsyncDisposable;

/**
 * Makes an empty folder (mode 0700) below `parent`, which is made too; disposing of it removes it with all it holds. Its name
 * says whose it is: what a killed process leaves is known to be nobody's.
 */
export async function makeTempDir(parent: string, name: string): Promise<TempDir> {
  await mkdir(parent, { recursive: true, mode: privateMode });
  const path = join(parent, uniqueName(name));
  await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => removeTree(path) };
}

/** This many files are deleted without asking another thread for each, which takes ten times as long. */
const few = 256;

/** Also where who is not root has lost permissions on folders of their own. */
export async function removeTree(path: string): Promise<void> {
  try {
    if (removeFew(path, { left: few })) return;
  } catch {
    // Not there, or not so easily.
  }
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
    // Who is not root can't empty a folder of their own that has lost its permissions.
    await openUp(Buffer.from(path));
    await rm(path, { recursive: true, force: true });
  }
}

/** False where there is more to delete than that. */
function removeFew(folder: string, budget: { left: number }): boolean {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (budget.left-- <= 0) return false;
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) unlinkSync(path);
    else if (!removeFew(path, budget)) return false;
  }
  rmdirSync(folder);
  return true;
}

async function openUp(folder: Buffer): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) await openUp(Buffer.concat([folder, Buffer.from('/'), entry.name]));
  }
}
