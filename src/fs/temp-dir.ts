// Temporary folders that are gone when their owner lets go of them.

import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
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

/** As often as paths get too long by themselves, each time by so many bytes, at the least. */
const step = 1500;
/** What stands in the way of deleting, and can be helped. */
const obstacles = ['EACCES', 'EPERM', 'ENAMETOOLONG'];

/**
 * Also where who is not root has lost permissions on folders of their own, and where paths are longer than Linux takes, as a step
 * makes them that enters each folder before it makes the next.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    if (removeFew(path, { left: few })) return;
  } catch {
    // Not there, or not so easily.
  }
  for (let isOpen = false; ; isOpen = true) {
    try {
      await rm(path, { recursive: true, force: true });
      return;
    } catch (error) {
      if (!obstacles.includes(systemCode(error) ?? '')) throw error;
      const root = Buffer.from(path);
      if (!(await loosen(root, root)) && isOpen) throw error;
    }
  }
}

/** Opens folders up, and moves those that lie too deep into `root` itself. Returns whether there were such. */
async function loosen(folder: Buffer, root: Buffer): Promise<boolean> {
  await ifThere(chmod(folder, 0o700));
  const entries = await ifThere(readdir(folder, { withFileTypes: true, encoding: 'buffer' }));
  let moved = false;
  for (const entry of entries ?? []) {
    if (!entry.isDirectory()) continue;
    const below = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (below.length - root.length < step) {
      moved = (await loosen(below, root)) || moved;
      continue;
    }
    // To be moved takes the right to write, too.
    await ifThere(chmod(below, 0o700));
    await ifThere(rename(below, Buffer.concat([root, Buffer.from(`/${uniqueName('deep')}`)])));
    moved = true;
  }
  return moved;
}

/** What rm() had begun with when it failed it goes on to delete. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  });
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
