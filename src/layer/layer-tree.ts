// A layer as a tree in memory, as unpacking it for overlayfs would leave it on a disk: the same rules as unpacker.ts, and no files.
import { blankNode, type ErofsNode, setTime } from '../erofs/node.ts';
import type { NodeTable } from '../erofs/node-table.ts';
import { fitsXattr, xattrsSize } from '../erofs/xattrs.ts';
import type { TreeEntry } from '../seams.ts';
import { badArchive } from './bad-archive.ts';
import { cleanPath, splitPath } from './clean-path.ts';
import { opaqueName, whiteoutPrefix } from './layer-header.ts';
import { markTree } from './layer-tree-marks.ts';
import type { TarHead } from './packed-entries.ts';
import { createTreeWalk, type Found } from './tree-walk.ts';

export interface LayerTree {
  /** False where the entry can't be pointed at in the tar: the layer must be unpacked. */
  add(entry: TarHead): boolean;
  /** Returns the root, with all marks for overlayfs. */
  end(): number;
}

/** Attributes above this, names included, are kept on a disk at best. */
const xattrLimit = 1 << 16;

export interface LayerTreeOptions {
  /** Where the files go. */
  nodes: NodeTable;
  /** The number that the tar has among the devices of the image. */
  device: number;
  /** What lower layers have at `/a/b`: the metadata for directories that the tar leaves out. */
  parent: (path: string) => TreeEntry | undefined;
}

type Metadata = Pick<TreeEntry, 'mode' | 'uid' | 'gid' | 'mtime'>;
const plain: Metadata = { uid: 0, gid: 0, mode: 0o755, mtime: 0n };

function madeNode(type: ErofsNode['type'], { mode, uid, gid, mtime }: Metadata): ErofsNode {
  const node = blankNode(type);
  node.mode = mode;
  node.uid = uid;
  node.gid = gid;
  setTime(node, mtime);
  return node;
}

export function createLayerTree({ nodes, device, parent }: LayerTreeOptions): LayerTree {
  const whiteouts = new Set<string>();
  const opaques = new Set<string>();
  const walk = createTreeWalk(nodes, (path) => {
    const lower = parent(path === '' ? '/' : `/${path}`);
    return nodes.add(madeNode('dir', lower?.type === 'dir' ? lower : plain));
  });

  /** False where all that was said of the directory is too much. */
  function addDirectory(directory: Found, name: string, entry: TarHead): boolean {
    const there = name === '' ? directory.node : nodes.child(directory.node, name);
    const node = madeNode('dir', entry);
    node.xattrs = keptXattrs(entry);
    if (there !== undefined && nodes.type(there) === 'dir') {
      const xattrs = { ...nodes.xattrs(there), ...node.xattrs };
      if (xattrsSize(xattrs) > xattrLimit) return false;
      nodes.change(there, { ...node, xattrs });
      return true;
    }
    // What the layer first put there hid the lower layers' directory, which must not come back.
    if (there !== undefined) opaques.add(walk.below(directory, name));
    walk.put(directory, name, nodes.add(node));
    return true;
  }

  /** The target's own metadata stays: both are one file. */
  function addLink(directory: Found, name: string, entry: TarHead): void {
    const [targetPath, targetName] = splitPath(cleanPath(entry.linkName));
    const from = targetName === '' ? undefined : walk.find(targetPath);
    const target = from && nodes.child(from.node, targetName);
    if (target === undefined || nodes.type(target) === 'dir') {
      throw badArchive(
        `${JSON.stringify(entry.path)} is a hard link to ${JSON.stringify(entry.linkName)}, which is no file of the layer`,
      );
    }
    walk.put(directory, name, target);
  }

  function nodeOf(entry: TarHead): ErofsNode {
    const { type, major, minor, linkName } = entry;
    const node = madeNode(type === 'link' ? 'file' : type, entry);
    if (type === 'symlink') {
      if (linkName === '') throw badArchive(`the symbolic link ${JSON.stringify(entry.path)} has no target`);
      node.mode = 0o777;
      node.linkTarget = linkName;
    } else if (type === 'file') {
      node.content = { device, offset: entry.offset!, size: entry.size };
      node.xattrs = keptXattrs(entry);
    } else {
      if (major > 0xfff || minor > 0xfffff)
        throw badArchive(`${JSON.stringify(entry.path)} is no device that can be`);
      node.major = type === 'fifo' ? 0 : major;
      node.minor = type === 'fifo' ? 0 : minor;
    }
    return node;
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
      const [parentPath, name] = splitPath(path);
      if (name.startsWith(whiteoutPrefix)) {
        addWhiteout(parentPath, name);
        return true;
      }
      if (path === '' && entry.type !== 'dir') throw badArchive('the root is no directory');
      if (!isRepresentable(entry)) return false;
      const directory = walk.resolve(parentPath);
      if (entry.type === 'dir') return addDirectory(directory, name, entry);
      if (entry.type === 'link') addLink(directory, name, entry);
      else walk.put(directory, name, nodes.add(nodeOf(entry)));
      return true;
    },
    end() {
      markTree(nodes, walk, { whiteouts, opaques, parent });
      return walk.root;
    },
  };
}

/** Whether its content stands in the tar in one piece, and the rest of it fits into an image. */
function isRepresentable(entry: TarHead): boolean {
  if (entry.type === 'file' && entry.offset === undefined) return false;
  return xattrsSize(keptXattrs(entry)) <= xattrLimit && Buffer.byteLength(entry.linkName) < 4096;
}

const noXattrs: ErofsNode['xattrs'] = {};

/** Those that unpacking keeps (metadata.ts). */
function keptXattrs({ xattrs }: TarHead): ErofsNode['xattrs'] {
  let isEmpty = true;
  for (const _ in xattrs) isEmpty = false;
  if (isEmpty) return noXattrs;
  const kept = Object.entries(xattrs).filter(([name, value]) => {
    const isUser = name.startsWith('user.') && !name.startsWith('user.overlay.');
    return (isUser || name === 'security.capability') && fitsXattr(name, value);
  });
  return Object.fromEntries(kept);
}
