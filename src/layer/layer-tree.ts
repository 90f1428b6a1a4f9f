// A layer as a tree in memory, as unpacking it for overlayfs would leave it on a disk: the same rules as unpacker.ts, and no files.
import { blankNode, type ErofsNode } from '../erofs/node.ts';
import { fitsXattr } from '../erofs/xattrs.ts';
import type { TreeEntry } from '../seams.ts';
import { badArchive } from './bad-archive.ts';
import { cleanPath, splitPath } from './clean-path.ts';
import { opaqueName, whiteoutPrefix } from './layer-header.ts';
import { markTree } from './layer-tree-marks.ts';
import type { TarEntry } from './tar-reader.ts';
import { createTreeWalk, type Found } from './tree-walk.ts';

export interface LayerTree {
  /** False where the entry can't be pointed at in the tar: the layer must be unpacked. */
  add(entry: TarEntry): boolean;
  /** Returns the root, with all marks for overlayfs. */
  end(): ErofsNode;
}

/** Attributes above this are kept on a disk at best. */
const xattrLimit = 1 << 16;

export interface LayerTreeOptions {
  /** The number that the tar has among the devices of the image. */
  device: number;
  /** What lower layers have at `/a/b`: the metadata for directories that the tar leaves out. */
  parent: (path: string) => TreeEntry | undefined;
}

export function createLayerTree({ device, parent }: LayerTreeOptions): LayerTree {
  const whiteouts = new Set<string>();
  const opaques = new Set<string>();
  let lastTime = 0n;
  /** The same number for entries of one time that follow each other. */
  const timeOf = ({ mtime }: TarEntry): bigint => {
    if (mtime !== lastTime) lastTime = mtime;
    return lastTime;
  };
  const walk = createTreeWalk((path) => {
    const lower = parent(path === '' ? '/' : `/${path}`);
    const { uid, gid, mode, mtime } =
      lower?.type === 'dir' ? lower : { uid: 0, gid: 0, mode: 0o755, mtime: 0n };
    return { ...blankNode('dir'), uid, gid, mode, mtime };
  });

  function addDirectory(directory: Found, name: string, entry: TarEntry): void {
    const there = name === '' ? directory.node : directory.node.children.get(name);
    const { mode, uid, gid } = entry;
    const fields = { mode, uid, gid, mtime: timeOf(entry) };
    if (there?.type === 'dir') {
      Object.assign(there, fields, { xattrs: { ...there.xattrs, ...keptXattrs(entry) } });
      return;
    }
    // What the layer first put there hid the lower layers' directory, which must not come back.
    if (there) opaques.add(walk.below(directory, name));
    walk.put(directory, name, { ...blankNode('dir'), ...fields, xattrs: keptXattrs(entry) });
  }

  /** The target's own metadata stays: both are one file. */
  function addLink(directory: Found, name: string, entry: TarEntry): void {
    const [targetPath, targetName] = splitPath(cleanPath(entry.linkName));
    const from = targetName === '' ? undefined : walk.find(targetPath);
    const target = from?.node.children.get(targetName);
    if (!target || target.type === 'dir') {
      throw badArchive(
        `${JSON.stringify(entry.path)} is a hard link to ${JSON.stringify(entry.linkName)}, which is no file of the layer`,
      );
    }
    walk.put(directory, name, target);
  }

  function nodeOf(entry: TarEntry): ErofsNode {
    const { type, mode, uid, gid, major, minor, linkName } = entry;
    const node = { ...blankNode(type === 'link' ? 'file' : type), mode, uid, gid, mtime: timeOf(entry) };
    if (type === 'symlink') {
      if (linkName === '') throw badArchive(`the symbolic link ${JSON.stringify(entry.path)} has no target`);
      return { ...node, mode: 0o777, linkTarget: linkName };
    }
    if (type !== 'file') {
      if (major > 0xfff || minor > 0xfffff)
        throw badArchive(`${JSON.stringify(entry.path)} is no device that can be`);
      return { ...node, major: type === 'fifo' ? 0 : major, minor: type === 'fifo' ? 0 : minor };
    }
    const content = { device, offset: entry.offset!, size: entry.size };
    return { ...node, content, xattrs: keptXattrs(entry) };
  }

  function addWhiteout(path: string, name: string): void {
    const hidden = name.slice(whiteoutPrefix.length);
    if (name === opaqueName) opaques.add(path);
    else if (hidden.startsWith(whiteoutPrefix)) return;
    else if (['', '.', '..'].includes(hidden)) throw badArchive(`${JSON.stringify(name)} is no whiteout`);
    else whiteouts.add(path === '' ? hidden : `${path}/${hidden}`);
  }

  return {
    add(entry) {
      const path = cleanPath(entry.path);
      const [parentPath, lastName] = splitPath(path);
      const name = ownText(lastName);
      if (name.startsWith(whiteoutPrefix)) {
        addWhiteout(parentPath, name);
        return true;
      }
      if (path === '' && entry.type !== 'dir') throw badArchive('the root is no directory');
      if (!isRepresentable(entry)) return false;
      const directory = walk.resolve(parentPath);
      if (entry.type === 'dir') addDirectory(directory, name, entry);
      else if (entry.type === 'link') addLink(directory, name, entry);
      else walk.put(directory, name, nodeOf(entry));
      return true;
    },
    end() {
      markTree(walk, { whiteouts, opaques, parent });
      return walk.root;
    },
  };
}

/** Whether its content stands in the tar in one piece, and the rest of it fits into an image. */
function isRepresentable(entry: TarEntry): boolean {
  if (entry.type === 'file' && entry.offset === undefined) return false;
  const size = Object.values(entry.xattrs).reduce((sum, value) => sum + value.length, 0);
  return size <= xattrLimit && Buffer.byteLength(entry.linkName) < 4096;
}

/** Shared, as times are: a large layer has hundreds of thousands of entries. */
const noXattrs: ErofsNode['xattrs'] = {};

/** A text of its own: a part of another one would keep that one whole. */
const ownText = (text: string): string =>
  /^[ -~]+$/.test(text) ? Buffer.from(text, 'latin1').toString('latin1') : text;

/** Those that unpacking keeps (metadata.ts). */
function keptXattrs({ xattrs }: TarEntry): ErofsNode['xattrs'] {
  let isEmpty = true;
  for (const _ in xattrs) isEmpty = false;
  if (isEmpty) return noXattrs;
  const kept = Object.entries(xattrs).filter(([name, value]) => {
    const isUser = name.startsWith('user.') && !name.startsWith('user.overlay.');
    return (isUser || name === 'security.capability') && fitsXattr(name, value);
  });
  return Object.fromEntries(kept);
}
