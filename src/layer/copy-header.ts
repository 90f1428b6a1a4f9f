// Headers for entries that go from one tar into another.
import type { LayerEntry } from '../seams.ts';
import { cleanPath, splitPath } from './clean-path.ts';
import { layerHeader, opaqueName, whiteoutPrefix } from './layer-header.ts';
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

/** The same entry, whiteouts included; undefined for a name that means nothing. */
export function sameEntry(item: LayerItem): LayerEntry | undefined {
  const path = cleanPath(item.path);
  const [parent, name] = splitPath(path);
  if (name === opaqueName) return { kind: 'opaque', path: parent };
  if (!name.startsWith(whiteoutPrefix))
    return copiedEntry(path, item, item.type === 'link' ? cleanPath(item.linkName) : undefined);
  const hidden = name.slice(whiteoutPrefix.length);
  if (hidden.startsWith(whiteoutPrefix)) return undefined;
  return { kind: 'whiteout', path: parent === '' ? hidden : `${parent}/${hidden}` };
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
