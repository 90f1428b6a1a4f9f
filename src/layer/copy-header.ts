// Headers for entries that go from one tar into another.
import type { LayerEntry } from '../seams.ts';
import { cleanPath } from './clean-path.ts';
import { layerHeader } from './layer-header.ts';
import { readMark } from './read-mark.ts';
import { blockSize, encodePax, type HeaderFields, writeHeader } from './tar-header.ts';
import type { TarEntry } from './tar-reader.ts';

/** An entry of a layer without its content. */
export type LayerItem = Omit<TarEntry, 'body' | 'buffered' | 'offset'>;

/** As it stands at `path`, or as another name of the file at `hardLinkTo`. */
export function copiedEntry(path: string, item: LayerItem, hardLinkTo?: string): LayerEntry {
  const { mode, uid, gid, size, mtime, major, minor, xattrs } = item;
  const type = item.type === 'link' ? 'file' : item.type;
  return {
    kind: 'entry',
    path,
    stat: { type, mode, uid, gid, size, mtime, major, minor, link: '' },
    linkTarget: item.type === 'symlink' ? item.linkName : '',
    hardLinkTo,
    xattrs,
    content: undefined,
  };
}

/** The same entry, whiteouts included; undefined for a name that means nothing. @throws ERR_BAD_ARCHIVE */
export function sameEntry(item: LayerItem): LayerEntry | undefined {
  const path = cleanPath(item.path);
  const mark = readMark(path);
  if (mark !== undefined) return mark === 'reserved' ? undefined : mark;
  return copiedEntry(path, item, item.type === 'link' ? cleanPath(item.linkName) : undefined);
}

/** What the entry's header says, and its bytes, with a PAX header in front where one is needed. */
export function entryHeader(entry: LayerEntry): { fields: HeaderFields; bytes: Buffer } {
  const fields = layerHeader(entry, undefined)!;
  const block = Buffer.alloc(blockSize);
  writeHeader(block, 0, fields);
  const pax = encodePax(fields);
  return { fields, bytes: pax ? Buffer.concat([pax, block]) : block };
}

/** What fills the content's last block. */
export const contentPadding = (size: number): Buffer =>
  Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
