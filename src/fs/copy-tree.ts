// Copies directory trees as they are: owners, modes, exact times, hard links, devices, extended attributes. Files share their
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
import { systemCode } from '../errors.ts';
import { encodePath, readNames } from './path-bytes.ts';
import { loadSys, type NodeSpec } from './sys.ts';

/** How many entries are copied before others get their turn and the signal is looked at. */
const batch = 256;

/** The one attribute that layers keep. */
const capability = 'security.capability';

function nodeOf(stat: BigIntStats): NodeSpec {
  const { rdev } = stat;
  return {
    type: stat.isFIFO() ? 'fifo' : stat.isBlockDevice() ? 'block' : 'char',
    mode: Number(stat.mode) & 0o7777,
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
  };
}

function createCopier(source: string, target: string, signal: AbortSignal) {
  const sys = loadSys();
  const links = new Map<string, string>();
  let count = 0;

  const setAttribute = (path: string, name: string, value: Buffer): void => {
    try {
      sys.setXattr(path, name, value);
    } catch (error) {
      // Labels of the security module, and what only the host's root may set, are the host's affair.
      const code = systemCode(error) ?? '';
      if (name === capability || !['EPERM', 'EACCES', 'ENOTSUP'].includes(code)) throw error;
    }
  };

  const setMetadata = (path: string, stat: BigIntStats): void => {
    const to = target + path;
    lchownSync(encodePath(to), Number(stat.uid), Number(stat.gid));
    if (!stat.isSymbolicLink()) chmodSync(encodePath(to), Number(stat.mode) & 0o7777);
    if (stat.isFile() || stat.isDirectory()) {
      for (const name of sys.listXattr(source + path)) {
        const value = sys.getXattr(source + path, name);
        if (value) setAttribute(to, name, value);
      }
    }
    sys.setTimes(to, stat.mtimeNs);
  };

  const copyFile = (path: string, stat: BigIntStats): void => {
    const link = stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : '';
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
    if (stat.isSocket()) return;
    if (stat.isFile()) return copyFile(path, stat);
    if (stat.isDirectory()) {
      mkdirSync(to, { mode: 0o700 });
      await copyDirectory(path);
    } else if (stat.isSymbolicLink()) {
      symlinkSync(readlinkSync(from, { encoding: 'buffer' }), to);
    } else sys.mknod(target + path, nodeOf(stat));
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

  return { copyEntry, copyDirectory, setMetadata };
}

/** Copies what is in `source`, and its own metadata, to the existing empty directory `target`. Sockets are left out. */
export async function copyTree(source: string, target: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const copier = createCopier(source, target, signal);
  await copier.copyDirectory('');
  copier.setMetadata('', lstatSync(encodePath(source), { bigint: true }));
}

/** Copies `source`, whatever it is, to `target`, where nothing is. */
export async function copyPath(source: string, target: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await createCopier(source, target, signal).copyEntry('');
}
