// What lstat says of a path, as numbers in an array: for sweeps over many files, of which most are as they were.
import { lstatSync } from 'node:fs';
import { systemCode } from '../errors.ts';

/** Numbers of one state: mode, size, inode, seconds and nanoseconds of mtime, then of ctime. */
export const stateLength = 7;
const typeMask = 0o170000;
const directory = 0o040000;

export const isDirectoryMode = (mode: number): boolean => (mode & typeMask) === directory;

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
  const [one, other] = [new Float64Array(stateLength), new Float64Array(stateLength)];
  return (
    readRaw(raw, process.execPath, one, 0) &&
    readStats(process.execPath, other, 0) &&
    one.every((value, at) => value === other[at])
  );
}

const context: RawContext = {};
const absent = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];

/** Versions differ in whether they throw, or tell of an error in the last argument. */
function readRaw(raw: RawLstat, path: string | Buffer, into: Float64Array, at: number): boolean {
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
    return absent.includes(code) ? false : readStats(path, into, at);
  }
  into[at] = values![1]!;
  into[at + 1] = values![8]!;
  into[at + 2] = values![7]!;
  into[at + 3] = values![12]!;
  into[at + 4] = values![13]!;
  into[at + 5] = values![14]!;
  into[at + 6] = values![15]!;
  return true;
}

const second = 1_000_000_000n;

function readStats(path: string | Buffer, into: Float64Array, at: number): boolean {
  let stat: ReturnType<typeof bigStat>;
  try {
    stat = bigStat(path);
  } catch (error) {
    if (absent.includes(systemCode(error) ?? '')) return false;
    throw error;
  }
  if (!stat) return false;
  const { mode, size, ino, mtimeNs, ctimeNs } = stat;
  into[at] = Number(mode);
  into[at + 1] = Number(size);
  into[at + 2] = Number(ino);
  into[at + 3] = Number(mtimeNs / second);
  into[at + 4] = Number(mtimeNs % second);
  into[at + 5] = Number(ctimeNs / second);
  into[at + 6] = Number(ctimeNs % second);
  return true;
}

const bigStat = (path: string | Buffer) => lstatSync(path, { bigint: true, throwIfNoEntry: false });

let raw: RawLstat | undefined | null = null;

/**
 * Writes the state of `path` itself, not of what it links to, into `into` from index `at` on. False where there is nothing, or no way there.
 * Throws what lstat throws otherwise. The path holds no NUL.
 */
export function readState(path: string | Buffer, into: Float64Array, at: number): boolean {
  if (raw === null) raw = findRaw();
  return raw ? readRaw(raw, path, into, at) : readStats(path, into, at);
}
