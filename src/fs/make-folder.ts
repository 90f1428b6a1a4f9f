// Folders with those above them, and the true reason where they can't be made.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../errors.ts';

/** Throws the system's error: Node's own call says ENOENT where a file system is read-only. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    let above = path;
    while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
    accessSync(above, constants.W_OK);
    throw error;
  }
}
