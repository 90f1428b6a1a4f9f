// Entries of a layer that stand for no file but for what is hidden of the layers below (OCI image spec, layer.md, "Whiteouts").
import { badArchive } from './bad-archive.ts';
import { splitPath } from './clean-path.ts';
import { opaqueName, whiteoutPrefix } from './layer-header.ts';

/** `path` is what is hidden: the content of a directory, or an entry. */
export interface Mark {
  kind: 'opaque' | 'whiteout';
  path: string;
}

/**
 * @param path clean
 * @returns undefined for an entry that is a file; `reserved` for a name that the specification keeps for itself
 * @throws ERR_BAD_ARCHIVE
 */
export function readMark(path: string): Mark | 'reserved' | undefined {
  const [parent, name] = splitPath(path);
  if (!name.startsWith(whiteoutPrefix)) return undefined;
  if (name === opaqueName) return { kind: 'opaque', path: parent };
  const hidden = name.slice(whiteoutPrefix.length);
  if (hidden.startsWith(whiteoutPrefix)) return 'reserved';
  if (['', '.', '..'].includes(hidden)) throw badArchive(`${JSON.stringify(name)} is no whiteout`);
  return { kind: 'whiteout', path: parent === '' ? hidden : `${parent}/${hidden}` };
}
