// Where everything of an image stands: inodes one after the other from the root's on, then what did not fit beside its inode.
import { pathBytes } from '../fs/path-bytes.ts';
import { directorySize, sortNames } from './directory.ts';
import {
  chunkSize,
  type DataLayout,
  deviceSlotSize,
  inodeSize,
  inodeSlot,
  layouts,
  superblockOffset,
  superblockSize,
} from './format.ts';
import { dotDotName, dotName } from './name-table.ts';
import type { NodeTable } from './node-table.ts';
import { xattrsSize } from './xattrs.ts';

export interface Place {
  layout: DataLayout;
  /** Bytes of the extended attributes. */
  xattrs: number;
  size: number;
  /** Where the inode is in the image. */
  position: number;
  /** Where the data begins in the image: behind the inode, or in blocks of its own. 0 where there is none. */
  data: number;
  links: number;
}

export interface ImageLayout {
  /** Nodes in the order in which they stand in the image. */
  order: Uint32Array;
  place(node: number): Place;
  position(node: number): number;
  /** The names of a directory in their order, `.` and `..` among them. */
  names(directory: number): Uint32Array;
  /** The node that one of them leads to. */
  target(directory: number, name: number): number;
  /** Bytes, whole blocks. */
  size: number;
}

export interface LayoutOptions {
  root: number;
  /** How many there are besides the image. */
  devices: number;
  blockSize: number;
}

interface Collected extends Pick<ImageLayout, 'order' | 'names' | 'target'> {
  links: Uint32Array;
}

const upTo = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** Directories have at least two links: their name and their `.`. */
function collect(nodes: NodeTable, root: number): Collected {
  const { names, size } = nodes;
  const order = new Uint32Array(size);
  const [parents, links, starts, counts] = [0, 0, 0, 0].map(() => new Uint32Array(size + 1)) as [
    ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
  ];
  /** Names of all directories, one after the other; each has two that no one gave it. */
  const sorted = new Uint32Array(names.count + 2 * size);
  let found = 0;
  let end = 0;
  const waiting: number[] = [];
  const add = (node: number, parent: number): void => {
    if (links[node]! > 0) {
      links[node]!++;
      return;
    }
    order[found++] = node;
    const isDirectory = nodes.type(node) === 'dir';
    links[node] = isDirectory ? 2 : 1;
    if (!isDirectory) return;
    parents[node] = parent;
    if (node !== parent) links[parent]!++;
    waiting.push(node);
  };
  const namesIn = (directory: number): Uint32Array =>
    sorted.subarray(starts[directory]!, starts[directory]! + counts[directory]!);
  add(root, root);
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    starts[directory] = end;
    sorted[end++] = dotName;
    sorted[end++] = dotDotName;
    // The first first: archives are mostly sorted.
    for (const name of names.list(directory).reverse()) sorted[end++] = name;
    counts[directory] = end - starts[directory]!;
    sortNames(namesIn(directory), names);
    for (const name of namesIn(directory)) if (name > dotDotName) add(names.nodeOf(name), directory);
  }
  return {
    order: order.subarray(0, found),
    links,
    names: namesIn,
    target(directory, name) {
      if (name > dotDotName) return names.nodeOf(name);
      return name === dotName ? directory : parents[directory]!;
    },
  };
}

export function layOut(nodes: NodeTable, { root, devices, blockSize }: LayoutOptions): ImageLayout {
  const { links, ...collected } = collect(nodes, root);
  const { order, names } = collected;
  const count = nodes.size + 1;
  const [sizes, positions, data] = [
    new Float64Array(count),
    new Float64Array(count),
    new Float64Array(count),
  ];
  const [xattrs, layout] = [new Uint32Array(count), new Uint8Array(count)];
  const form = { names: nodes.names, blockSize };

  const dataSize = (node: number): number => {
    const type = nodes.type(node);
    if (type === 'file') return nodes.contentSize(node);
    if (type === 'dir') return directorySize(names(node), form);
    return type === 'symlink' ? pathBytes(nodes.linkTarget(node)).length : 0;
  };

  let at = upTo(superblockOffset + superblockSize + devices * deviceSlotSize, blockSize);
  const outside: number[] = [];
  for (const node of order) {
    const size = dataSize(node);
    const more = xattrsSize(nodes.xattrs(node));
    sizes[node] = size;
    xattrs[node] = more;
    const head = inodeSize + more;
    const isFile = nodes.type(node) === 'file';
    let needs = inodeSize;
    at = upTo(at, inodeSlot);
    if (isFile && size > 0) layout[node] = layouts.chunks;
    else if (!isFile && size > 0 && head + size <= blockSize) {
      layout[node] = layouts.inline;
      needs = head + size;
    }
    // Neither the inode nor data beside it may lie in two blocks.
    if ((at % blockSize) + needs > blockSize) at = upTo(at, blockSize);
    positions[node] = at;
    at += head;
    if (layout[node] === layouts.chunks) {
      data[node] = upTo(at, chunkSize);
      at = data[node]! + chunkSize;
    } else if (layout[node] === layouts.inline) {
      data[node] = at;
      at += size;
    } else if (!isFile && size > 0) outside.push(node);
  }
  at = upTo(at, blockSize);
  for (const node of outside) {
    data[node] = at;
    at += upTo(sizes[node]!, blockSize);
  }
  return {
    ...collected,
    position: (node) => positions[node]!,
    place: (node) => ({
      layout: layout[node] as DataLayout,
      xattrs: xattrs[node]!,
      size: sizes[node]!,
      position: positions[node]!,
      data: data[node]!,
      links: links[node]!,
    }),
    size: at,
  };
}
