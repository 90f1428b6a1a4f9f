// The files that an image describes, as plain objects: what is in a directory, and where the bytes of a file lie.
import type { EntryType } from '../seams.ts';

/** One file; a file with several names is one object that stands in several places. */
export interface ErofsNode {
  type: EntryType;
  /** 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Nanoseconds since 1970. */
  mtime: bigint;
  xattrs: Readonly<Record<string, Buffer>>;
  /** Of devices. */
  major: number;
  minor: number;
  /** Of a symbolic link. */
  linkTarget: string;
  /** Of a file: `size` bytes at `offset`, a multiple of 512, of the device with that number; the first is 1. */
  content: { device: number; offset: number; size: number } | undefined;
  /** Of a directory, in any order; names are those of path-bytes.ts. Empty for all else. */
  children: Map<string, ErofsNode>;
}

/** Shared by all that are no directories: a map for each would be most of what a large layer takes. */
const noChildren: ErofsNode['children'] = new Map();
const noXattrs: ErofsNode['xattrs'] = {};

/** A file of a type, with nothing else said about it. */
export const blankNode = (type: EntryType): ErofsNode => ({
  type,
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0n,
  xattrs: noXattrs,
  major: 0,
  minor: 0,
  linkTarget: '',
  content: undefined,
  children: type === 'dir' ? new Map() : noChildren,
});
