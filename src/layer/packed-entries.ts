// What was packed into a tar, remembered for who makes its index: nobody has to read and parse what this process has just written.

import type { HeaderFields, TypeFlag } from './tar-header.ts';
import type { TarEntry, TarEntryType } from './tar-reader.ts';

/** An entry of a tar, without what reads its content. */
export type TarHead = Omit<TarEntry, 'body' | 'buffered'>;

export interface PackedEntries {
  /** @param end where the header ends in the tar; undefined for an entry that ustar alone does not say. */
  add(fields: HeaderFields, end: number | undefined): void;
  /** As readTar finds them in the tar; undefined where there were too many, or one that is too special. */
  heads(): Iterable<TarHead> | undefined;
  count(): number;
}

const types: Record<Exclude<TypeFlag, 'x'>, TarEntryType> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};

/** @param most entries that are remembered: what tars with more hold is read from them. */
export function createPackedEntries(most: number): PackedEntries {
  let found: { fields: HeaderFields; end: number }[] | undefined = [];
  function* heads(entries: readonly { fields: HeaderFields; end: number }[]): Generator<TarHead, void> {
    for (const { fields, end } of entries) yield headOf(fields, end);
  }
  return {
    add(fields, end) {
      if (!found) return;
      if (end === undefined || fields.type === 'x' || found.length === most) found = undefined;
      else found.push({ fields, end });
    },
    heads: () => found && heads(found),
    count: () => found?.length ?? 0,
  };
}

function headOf({ path, type: flag, mode, mtime, ...rest }: HeaderFields, end: number): TarHead {
  const type = types[flag as Exclude<TypeFlag, 'x'>];
  const { uid, gid, size, linkName, major, minor, xattrs } = rest;
  return {
    path,
    type,
    mode: mode & 0o7777,
    uid,
    gid,
    size,
    mtime: BigInt(mtime) * 1_000_000_000n,
    linkName,
    major,
    minor,
    xattrs,
    offset: type === 'file' ? end : undefined,
  };
}
