// Copies a directory tree as it is: owners, modes, exact times, hard links, devices, extended attributes. Files share their
// blocks with the original where the file system can.
import {
  type BigIntStats,
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { encodePath, readNames } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import { entryType, linkName, treeEntry } from './entry.ts';

/** How many entries are copied before others get their turn and the signal is looked at. */
const batch = 256;

/** Copies what is in `source`, and its own metadata, to the existing empty directory `target`. Sockets are left out. */
export async function copyTree(source: string, target: string, signal: AbortSignal): Promise<void> {
  const sys = loadSys();
  const links = new Map<string, string>();
  let count = 0;

  const setMetadata = (path: string, stat: BigIntStats): void => {
    const to = target + path;
    const type = entryType(stat);
    lchownSync(encodePath(to), Number(stat.uid), Number(stat.gid));
    if (type !== 'symlink') chmodSync(encodePath(to), Number(stat.mode) & 0o7777);
    if (type === 'file' || type === 'dir') {
      for (const name of sys.listXattr(source + path)) {
        const value = sys.getXattr(source + path, name);
        if (value) sys.setXattr(to, name, value);
      }
    }
    sys.setTimes(to, stat.mtimeNs);
  };

  const copyFile = (path: string, stat: BigIntStats): void => {
    const link = linkName(stat);
    const first = link === '' ? undefined : links.get(link);
    if (first !== undefined) {
      linkSync(encodePath(target + first), encodePath(target + path));
      return;
    }
    if (link !== '') links.set(link, path);
    const mode = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;
    copyFileSync(encodePath(source + path), encodePath(target + path), mode);
    setMetadata(path, stat);
  };

  const copyEntry = async (path: string): Promise<void> => {
    const from = encodePath(source + path);
    const to = encodePath(target + path);
    const stat = lstatSync(from, { bigint: true });
    const type = entryType(stat);
    if (type === 'socket') return;
    if (type === 'file') return copyFile(path, stat);
    if (type === 'dir') {
      mkdirSync(to, { mode: 0o700 });
      await copyDirectory(path);
    } else if (type === 'symlink') {
      symlinkSync(readlinkSync(from, { encoding: 'buffer' }), to);
    } else {
      const { mode, major, minor } = treeEntry(stat, '');
      sys.mknod(target + path, { type, mode, major, minor });
    }
    setMetadata(path, stat);
  };

  const copyDirectory = async (path: string): Promise<void> => {
    for (const name of readNames(source + path)) {
      if (++count % batch === 0) {
        await setImmediate();
        signal.throwIfAborted();
      }
      await copyEntry(`${path}/${name}`);
    }
  };

  signal.throwIfAborted();
  await copyDirectory('');
  setMetadata('', lstatSync(encodePath(source), { bigint: true }));
}
