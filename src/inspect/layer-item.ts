// What a layer's tar says of a file, as far as reports and comparisons look at it. The content is known by its digest.
import type { EntryType, Removal } from '../seams.ts';

export interface FileItem {
  kind: 'entry';
  /** `etc/passwd`; '' is the root. */
  path: string;
  type: EntryType;
  /** 0 to 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of a file's content, holes included; 0 of all else, and of further names of a file. */
  size: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Of a symbolic link. */
  linkTarget: string;
  /** Path of an earlier entry that is the same file. */
  hardLinkTo: string | undefined;
  /** A line for each attribute, sorted: `security.capability=HEX`; '' where there is none. */
  xattrs: string;
  /** `MAJOR:MINOR` of a device; else ''. */
  device: string;
  /** Hex digits of the content's sha256; '' of all but files. */
  digest: string;
  /** Its place among the entries of the tar, from 0. */
  index: number;
}

export type LayerItem = FileItem | Removal;

/** Whether a directory entry says nothing new of one that is there. Times don't count. */
export function sameMetadata(one: FileItem, other: FileItem): boolean {
  return (
    one.mode === other.mode &&
    one.uid === other.uid &&
    one.gid === other.gid &&
    one.xattrs === other.xattrs &&
    one.device === other.device
  );
}
