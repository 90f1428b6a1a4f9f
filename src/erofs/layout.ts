// Where everything of an image stands: inodes one after the other from the root's on, then what did not fit beside its inode.
import { pathBytes } from '../fs/path-bytes.ts';
import { directorySize, namesOf } from './directory.ts';
import {
  blockSize,
  chunkSize,
  type DataLayout,
  deviceSlotSize,
  inodeSize,
  inodeSlot,
  layouts,
  superblockOffset,
  superblockSize,
} from './format.ts';
import type { ErofsNode } from './node.ts';
import { xattrsSize } from './xattrs.ts';

export interface Place {
  node: ErofsNode;
  /** Of a directory; the root is its own. */
  parent: ErofsNode;
  layout: DataLayout;
  /** Bytes of the extended attributes. */
  xattrs: number;
  size: number;
  /** Where the inode is in the image. */
  position: number;
  /** Where the data begins in the image: behind the inode, or in blocks of its own. Of no use to other types. */
  data: number;
  links: number;
}

export interface ImageLayout {
  places: Map<ErofsNode, Place>;
  /** Bytes, whole blocks. */
  size: number;
}

const upTo = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** In the order in which they stand in the image. Directories have at least two links: their name and their `.`. */
function collect(root: ErofsNode): Map<ErofsNode, Place> {
  const places = new Map<ErofsNode, Place>();
  const waiting: ErofsNode[] = [];
  const add = (node: ErofsNode, parent: ErofsNode): void => {
    const known = places.get(node);
    if (known) {
      known.links++;
      return;
    }
    const isDirectory = node.type === 'dir';
    const blank = { layout: layouts.plain, xattrs: 0, size: 0, position: 0, data: 0 };
    places.set(node, { node, parent, ...blank, links: isDirectory ? 2 : 1 });
    if (!isDirectory) return;
    if (node !== parent) places.get(parent)!.links++;
    waiting.push(node);
  };
  add(root, root);
  for (let directory = waiting.pop(); directory; directory = waiting.pop()) {
    for (const child of directory.children.values()) add(child, directory);
  }
  return places;
}

function dataSize({ node, parent }: Place): number {
  if (node.type === 'dir') return directorySize(namesOf(node, parent));
  if (node.type === 'symlink') return pathBytes(node.linkTarget).length;
  return node.content?.size ?? 0;
}

/** @param devices how many there are besides the image. */
export function layOut(root: ErofsNode, devices: number): ImageLayout {
  const places = collect(root);
  let at = upTo(superblockOffset + superblockSize + devices * deviceSlotSize, blockSize);
  const outside: Place[] = [];
  for (const place of places.values()) {
    place.xattrs = xattrsSize(place.node.xattrs);
    place.size = dataSize(place);
    const head = inodeSize + place.xattrs;
    const isFile = place.node.type === 'file';
    let needs = inodeSize;
    at = upTo(at, inodeSlot);
    if (isFile && place.size > 0) place.layout = layouts.chunks;
    else if (!isFile && place.size > 0 && head + place.size <= blockSize) {
      place.layout = layouts.inline;
      needs = head + place.size;
    }
    // Neither the inode nor data beside it may lie in two blocks.
    if ((at % blockSize) + needs > blockSize) at = upTo(at, blockSize);
    place.position = at;
    at += head;
    if (place.layout === layouts.chunks) {
      place.data = upTo(at, chunkSize);
      at = place.data + chunkSize;
    } else if (place.layout === layouts.inline) {
      place.data = at;
      at += place.size;
    } else if (!isFile && place.size > 0) outside.push(place);
  }
  at = upTo(at, blockSize);
  for (const place of outside) {
    place.data = at;
    at += upTo(place.size, blockSize);
  }
  return { places, size: at };
}
