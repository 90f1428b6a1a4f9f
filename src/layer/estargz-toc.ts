// The table of contents and the footer of an eStargz layer (stargz-snapshotter, docs/estargz.md).
import type { Digest } from '../oci/digest.ts';
import type { HeaderFields } from './tar-header.ts';

/** An entry of the tar, or a further piece of a file's content. Absent is 0 or ''. */
export interface TocEntry {
  name: string;
  type: 'dir' | 'reg' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo' | 'chunk';
  size?: number;
  modtime?: string;
  linkName?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  devMajor?: number;
  devMinor?: number;
  /** Base64. */
  xattrs?: Record<string, string>;
  /** Of a file's whole content. */
  digest?: Digest;
  /** Where in the blob the gzip member with the content begins. */
  offset?: number;
  /** Where in the file the piece begins. */
  chunkOffset?: number;
  /** Of the piece; absent for the last one. */
  chunkSize?: number;
  chunkDigest?: Digest;
}

export const tocName = 'stargz.index.json';
/** Says that no part of the layer is to be fetched ahead of its use. */
export const landmarkName = '.no.prefetch.landmark';
export const landmarkContent = Buffer.of(0x0f);
/** Entries of these names are the format's own. */
export const reservedNames: readonly string[] = [tocName, landmarkName, '.prefetch.landmark'];

const types: Record<HeaderFields['type'], TocEntry['type']> = {
  '0': 'reg',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
  x: 'reg',
};

export function tocEntry(fields: HeaderFields): TocEntry {
  const type = types[fields.type];
  const xattrs = Object.entries(fields.xattrs).map(([name, value]) => [name, value.toString('base64')]);
  const isDevice = type === 'char' || type === 'block';
  return {
    name: fields.path,
    type,
    ...(fields.size > 0 ? { size: fields.size } : {}),
    ...(fields.mtime === 0 ? {} : { modtime: timestamp(fields.mtime) }),
    ...(fields.linkName === '' ? {} : { linkName: fields.linkName }),
    mode: fields.mode,
    uid: fields.uid,
    gid: fields.gid,
    ...(isDevice ? { devMajor: fields.major, devMinor: fields.minor } : {}),
    ...(xattrs.length > 0 ? { xattrs: Object.fromEntries(xattrs) } : {}),
  };
}

/** RFC 3339 knows the years 0 to 9999. */
function timestamp(seconds: number): string {
  const clamped = Math.min(Math.max(seconds, -62_167_219_200), 253_402_300_799);
  return new Date(clamped * 1000).toISOString().replace('.000Z', 'Z');
}

/** An empty gzip member of 51 bytes whose extra field says where in the blob the table's member begins. */
export function estargzFooter(tocOffset: number): Buffer {
  const extra = Buffer.from(`${tocOffset.toString(16).padStart(16, '0')}STARGZ`, 'latin1');
  return Buffer.concat([
    Buffer.of(0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, extra.length + 4, 0, 0x53, 0x47, extra.length, 0),
    extra,
    // One stored block without content, its checksum and its size.
    Buffer.of(1, 0, 0, 0xff, 0xff),
    Buffer.alloc(8),
  ]);
}
