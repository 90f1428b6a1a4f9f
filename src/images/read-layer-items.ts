// The entries of a layer's tar for reports and comparisons: names, metadata, and the digests of contents, which are not kept.
import type { LayerItem } from '../inspect/layer-item.ts';
import { badArchive } from '../layer/bad-archive.ts';
import { cleanPath } from '../layer/clean-path.ts';
import { readMark } from '../layer/read-mark.ts';
import { readTar, type TarEntry } from '../layer/tar-reader.ts';
import { digestOf, finishDigest, hexOf, newHash } from '../oci/digest.ts';

/** Entries between two turns of the event loop. */
const turnEvery = 2048;

/** @throws ERR_BAD_ARCHIVE */
export async function readLayerItems(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<LayerItem[]> {
  const items: LayerItem[] = [];
  let index = 0;
  for await (const entry of readTar(source, { signal })) {
    const item = await itemOf(entry, index++);
    if (item) items.push(item);
    if (index % turnEvery === 0) await new Promise(setImmediate);
  }
  return items;
}

async function itemOf(entry: TarEntry, index: number): Promise<LayerItem | undefined> {
  const path = cleanPath(entry.path);
  const mark = readMark(path);
  if (mark !== undefined) return mark === 'reserved' ? undefined : mark;
  const { type, mode, uid, gid, size, mtime, major, minor, linkName } = entry;
  if (path === '' && type !== 'dir') throw badArchive('the root is no directory');
  const isDevice = type === 'char' || type === 'block';
  return {
    kind: 'entry',
    path,
    type: type === 'link' ? 'file' : type,
    ...{ mode, uid, gid, size, mtime: Number(mtime / 1_000_000_000n) },
    linkTarget: type === 'symlink' ? linkName : '',
    hardLinkTo: type === 'link' ? cleanPath(linkName) : undefined,
    xattrs: xattrLines(entry.xattrs),
    device: isDevice ? `${major}:${minor}` : '',
    digest: type === 'file' ? await contentDigest(entry) : '',
    index,
  };
}

async function contentDigest(entry: TarEntry): Promise<string> {
  const whole = entry.buffered();
  if (whole) return hexOf(digestOf(whole));
  const hash = newHash();
  for await (const chunk of entry.body()) hash.update(chunk);
  return hexOf(finishDigest(hash));
}

function xattrLines(xattrs: TarEntry['xattrs']): string {
  for (const _ in xattrs) {
    return Object.entries(xattrs)
      .map(([name, value]) => `${name}=${value.toString('hex')}`)
      .sort()
      .join('\n');
  }
  return '';
}
