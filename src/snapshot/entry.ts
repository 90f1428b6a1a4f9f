// TreeEntry from a stat, with the kernel's device numbers taken apart.
import { type BigIntStats, lstatSync } from 'node:fs';
import type { FileState } from '../fs/file-state.ts';
import type { EntryType, TreeEntry } from '../seams.ts';

const types = new Map<number, EntryType>([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'symlink'],
  [0o020000, 'char'],
  [0o060000, 'block'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
]);

function entryType(stat: BigIntStats): EntryType {
  return types.get(Number(stat.mode) & 0o170000) ?? 'socket';
}

const majorOf = (device: bigint): number =>
  Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
const minorOf = (device: bigint): number => Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));

/** `link` is TreeEntry's: the file's name among hard links, or ''. */
export function treeEntry(stat: BigIntStats, link: string): TreeEntry {
  const type = entryType(stat);
  const device = type === 'char' || type === 'block' ? stat.rdev : 0n;
  return {
    type,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === 'file' ? Number(stat.size) : 0,
    mtime: stat.mtimeNs,
    major: majorOf(device),
    minor: minorOf(device),
    link,
  };
}

/** The same of a state that was just read from `path`; undefined: earlier, so that its hard links may have no exact name. */
export function stateEntry(state: FileState, path: string | Buffer | undefined): TreeEntry {
  const mode = state[0]!;
  const type = types.get(mode & 0o170000) ?? 'socket';
  const several = type !== 'dir' && state[7]! > 1 && !isWhiteoutState(state);
  if (path !== undefined && several && !Number.isSafeInteger(state[2])) return bigEntry(path);
  const device = type === 'char' || type === 'block' ? BigInt(state[10]!) : 0n;
  return {
    type,
    mode: mode & 0o7777,
    uid: state[8]!,
    gid: state[9]!,
    size: type === 'file' ? state[1]! : 0,
    mtime: BigInt(state[3]!) * 1_000_000_000n + BigInt(state[4]!),
    major: majorOf(device),
    minor: minorOf(device),
    link: several ? `${state[11]}:${state[2]}` : '',
  };
}

function bigEntry(path: string | Buffer): TreeEntry {
  const stat = lstatSync(path, { bigint: true });
  return treeEntry(stat, linkName(stat));
}

/** `device:inode` of what has several names, links and devices too; '' of anything else. */
export function linkName(stat: BigIntStats): string {
  return stat.nlink > 1n && entryType(stat) !== 'dir' && !isWhiteout(stat) ? `${stat.dev}:${stat.ino}` : '';
}

/** Overlay's mark of a deleted name: a character device 0:0. All of them may share one inode. */
export function isWhiteout(stat: BigIntStats): boolean {
  return entryType(stat) === 'char' && stat.rdev === 0n;
}

/** The same of a state. */
export function isWhiteoutState(state: FileState): boolean {
  return types.get(state[0]! & 0o170000) === 'char' && state[10] === 0;
}
