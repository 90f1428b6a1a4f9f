// The system calls that Node lacks: extended attributes, device nodes, times exact to the nanosecond.
import { lutimesSync } from 'node:fs';
import { SlipwayError } from '../errors.ts';
import { createCommandSys } from './command-sys.ts';
import { createKoffiSys } from './koffi-sys.ts';
import { encodePath } from './path-bytes.ts';

export interface NodeSpec {
  type: 'char' | 'block' | 'fifo';
  /** Permission bits, exact: the umask does not apply. */
  mode: number;
  major: number;
  minor: number;
}

/**
 * No call follows a symbolic link at the end of its path. Paths are those of path-bytes.ts. Errors have the system's
 * `code` (`ENOENT`, `ENOTSUP`, …) as those of node:fs have.
 */
export interface Sys {
  /** Undefined where the file has no such attribute, or its file system has none at all. */
  getXattr(path: string, name: string): Buffer | undefined;
  /** Sorted names; empty where the file system has no attributes. */
  listXattr(path: string): string[];
  setXattr(path: string, name: string, value: Buffer): void;
  removeXattr(path: string, name: string): void;
  mknod(path: string, node: NodeSpec): void;
  /** Sets access and modification time to `mtime`, nanoseconds since 1970. */
  setTimes(path: string, mtime: bigint): void;
}

let loaded: Sys | undefined;

/** The best implementation that this machine has; found once, about 10 ms. */
export function loadSys(): Sys {
  loaded ??= process.platform === 'linux' ? (createKoffiSys() ?? createCommandSys()) : createPlainSys();
  return loaded;
}

/** For systems other than Linux: no attributes, no devices, times in milliseconds. */
export function createPlainSys(): Sys {
  const refuse = (what: string): never => {
    throw new SlipwayError('ERR_UNSUPPORTED', `${what} can't be made on ${process.platform}`, {
      hint: 'run slipway on Linux',
    });
  };
  return {
    getXattr: () => undefined,
    listXattr: () => [],
    setXattr: () => refuse('extended attributes'),
    removeXattr: () => {},
    mknod: () => refuse('device nodes'),
    setTimes: (path, mtime) => {
      const time = new Date(Number(mtime / 1_000_000n));
      lutimesSync(encodePath(path), time, time);
    },
  };
}
