// What lstat says of a path, as numbers: for sweeps over many files, of which most are as they were.
import { type BigIntStats, lstatSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';

/**
 * Mode, size, inode, seconds and nanoseconds of mtime, then of ctime: what tells whether a file has changed. After these: number of links,
 * owner, group, device numbers of a device, device that it lies on. Inodes above 2^53 are rounded.
 */
export type FileState = ArrayLike<number>;
/** How many of the numbers tell whether a file has changed. */
export const stateLength = 7;
export const fullLength = 12;
const typeMask = 0o170000;
const directory = 0o040000;
const regular = 0o100000;
const link = 0o120000;

export const isDirectoryMode = (mode: number): boolean => (mode & typeMask) === directory;
export const isFileMode = (mode: number): boolean => (mode & typeMask) === regular;
export const isLinkMode = (mode: number): boolean => (mode & typeMask) === link;

/** Node's own way, which leaves the object with its dates out: that takes three times as long to make as the call itself. */
type RawLstat = (
  path: string | Buffer,
  bigint: false,
  request: undefined,
  context: RawContext,
) => Float64Array;
interface RawContext {
  errno?: number | undefined;
  code?: string | undefined;
}

const [major = 0] = process.versions.node.split('.').map(Number);
/** The one of which it is known how it is called. Later ones make the dates late, so that there is less to gain. */
const knownMajor = 20;

function findRaw(): RawLstat | undefined {
  if (major !== knownMajor || process.execArgv.includes('--pending-deprecation')) return undefined;
  try {
    const { binding } = process as unknown as { binding(name: string): { lstat?: RawLstat } };
    const { lstat } = binding('fs');
    return lstat && agrees(lstat) ? lstat : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it says of this program what the documented call says. */
function agrees(raw: RawLstat): boolean {
  const own = readRaw(raw, process.execPath)?.slice();
  const documented = readStats(process.execPath);
  return own?.every((value, at) => value === documented?.[at]) ?? false;
}

const context: RawContext = {};
const absent = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];
/** PATH_MAX of Linux, without the NUL. */
const longestPath = 4095;

/**
 * A name that is too long is one that there is not. A path that is too long in all may well be there: a step makes it in pieces.
 * @throws ERR_UNSUPPORTED for such a path
 */
function isAbsent(code: string, path: string | Buffer): boolean {
  const length = Buffer.byteLength(path);
  if (code !== 'ENAMETOOLONG' || length <= longestPath) return absent.includes(code);
  const end = path.toString().slice(-40);
  throw new SlipwayError(
    'ERR_UNSUPPORTED',
    `a path of ${length} bytes, which ends in ${JSON.stringify(end)}, is longer than the ${longestPath} that Linux takes`,
    {
      hint: 'nest folders less deeply; a shorter path of the state folder (--root) or of the context helps a little',
    },
  );
}

/** One for all: each call overwrites it. */
const state = new Float64Array(fullLength);

/** Versions differ in whether they throw, or tell of an error in the last argument. */
function readRaw(raw: RawLstat, path: string | Buffer): Float64Array | undefined {
  let values: Float64Array;
  let code: string | undefined;
  try {
    values = raw(path, false, undefined, context);
    code = context.errno === undefined ? undefined : context.code;
  } catch (error) {
    code = systemCode(error) ?? '';
  }
  if (code !== undefined) {
    context.errno = undefined;
    context.code = undefined;
    // Its error is one that users can read.
    return isAbsent(code, path) ? undefined : readStats(path);
  }
  state[0] = values![1]!;
  state[1] = values![8]!;
  state[2] = values![7]!;
  state[3] = values![12]!;
  state[4] = values![13]!;
  state[5] = values![14]!;
  state[6] = values![15]!;
  state[7] = values![2]!;
  state[8] = values![3]!;
  state[9] = values![4]!;
  state[10] = values![5]!;
  state[11] = values![0]!;
  return state;
}

function readStats(path: string | Buffer): Float64Array | undefined {
  let stat: BigIntStats | undefined;
  try {
    stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (!isAbsent(systemCode(error) ?? '', path)) throw error;
  }
  if (!stat) return undefined;
  state.set(stateOf(stat));
  return state;
}

const second = 1_000_000_000n;

export function stateOf(stat: BigIntStats): number[] {
  const { mode, size, ino, mtimeNs, ctimeNs, nlink, uid, gid, rdev, dev } = stat;
  const times = [mtimeNs / second, mtimeNs % second, ctimeNs / second, ctimeNs % second];
  return [mode, size, ino, ...times, nlink, uid, gid, rdev, dev].map(Number);
}

let raw: RawLstat | undefined | null = null;

/**
 * The state of `path` itself, not of what it links to; undefined where there is nothing, or no way there. The next call overwrites it.
 * Throws what lstat throws otherwise. The path holds no NUL.
 */
export function readState(path: string | Buffer): Readonly<Float64Array> | undefined {
  if (raw === null) raw = findRaw();
  return raw ? readRaw(raw, path) : readStats(path);
}
