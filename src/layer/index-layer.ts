// What a layer's tar holds and where, without unpacking it: for who only looks, and for who may not make files of others.
import type { IndexedEntry } from '../seams.ts';
import { badArchive } from './bad-archive.ts';
import { cleanPath } from './clean-path.ts';
import { readMark } from './read-mark.ts';
import { readTar, type TarEntry, type TarLimits } from './tar-reader.ts';

function indexed(entry: TarEntry): IndexedEntry | undefined {
  const path = cleanPath(entry.path);
  const mark = readMark(path);
  if (mark !== undefined) return mark === 'reserved' ? undefined : mark;
  if (entry.type === 'file' && entry.offset === undefined) {
    throw badArchive(`${JSON.stringify(path)} is a sparse file, which can't be read in place`);
  }
  const { mode, uid, gid, size, mtime, major, minor } = entry;
  const type = entry.type === 'link' ? 'file' : entry.type;
  const isLink = entry.type === 'link';
  return {
    kind: 'entry',
    path,
    stat: { type, mode, uid, gid, size, mtime, major, minor, link: '' },
    linkTarget: entry.type === 'symlink' ? entry.linkName : '',
    hardLinkTo: isLink ? cleanPath(entry.linkName) : undefined,
    xattrs: entry.xattrs,
    offset: entry.offset ?? 0,
  };
}

/** @throws ERR_BAD_ARCHIVE */
export async function indexLayer(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  limits?: TarLimits,
): Promise<IndexedEntry[]> {
  const entries: IndexedEntry[] = [];
  for await (const entry of readTar(source, { signal, limits })) {
    const one = indexed(entry);
    if (one) entries.push(one);
  }
  return entries;
}
