// Files and folders of a cgroup file system.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { systemCode } from '../errors.ts';

export interface CgroupFiles {
  /** Undefined where there is no such file. */
  read(path: string): string | undefined;
  /** Throws as the kernel refuses it. */
  write(path: string, value: string): void;
  make(folder: string): void;
  /** False: it has processes, or may not be removed. True also where it is gone. */
  remove(folder: string): boolean;
  /** Names of the groups in a group; none where there is no such group. */
  groups(folder: string): string[];
}

export const cgroupFiles: CgroupFiles = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  // Without O_CREAT: a file that the kernel does not have is told as missing.
  write: (path, value) => writeFileSync(path, value, { flag: 'r+' }),
  make: (folder) => mkdirSync(folder),
  remove(folder) {
    try {
      rmdirSync(folder);
      return true;
    } catch (error) {
      return systemCode(error) === 'ENOENT';
    }
  },
  groups(folder) {
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch {
      return [];
    }
  },
};
