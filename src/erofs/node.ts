// What an image says of one file, besides its names.
import type { EntryType } from '../seams.ts';

export interface ErofsNode {
  type: EntryType;
  /** 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Since 1970. */
  seconds: number;
  /** 0 to 999,999,999. */
  nanoseconds: number;
  xattrs: Readonly<Record<string, Buffer>>;
  /** Of devices. */
  major: number;
  minor: number;
  /** Of a symbolic link. */
  linkTarget: string;
  /** Of a file: `size` bytes at `offset`, a multiple of 512, of the device with that number; the first is 1. */
  content: { device: number; offset: number; size: number } | undefined;
}

const noXattrs: ErofsNode['xattrs'] = {};

/** A file of a type, with nothing else said about it. */
export const blankNode = (type: EntryType): ErofsNode => ({
  type,
  mode: 0,
  uid: 0,
  gid: 0,
  seconds: 0,
  nanoseconds: 0,
  xattrs: noXattrs,
  major: 0,
  minor: 0,
  linkTarget: '',
  content: undefined,
});

const billion = 1_000_000_000n;

/** @param mtime nanoseconds since 1970. */
export function setTime(node: ErofsNode, mtime: bigint): void {
  const rest = mtime % billion;
  const borrow = rest < 0n ? 1 : 0;
  node.seconds = Number((mtime - rest) / billion) - borrow;
  node.nanoseconds = Number(rest) + borrow * 1_000_000_000;
}
