// The files that an image describes, in columns: a node is a number above 0, and an object only while somebody looks at it.
// A file with several names is one node that several names lead to.
import type { EntryType } from '../seams.ts';
import { createColumn, half, wide, word } from './columns.ts';
import { createNameTable, type NameTable } from './name-table.ts';
import { blankNode, type ErofsNode } from './node.ts';
import { createTexts } from './texts.ts';

export interface NodeTable {
  /** Nodes so far: the highest number. */
  readonly size: number;
  add(node: ErofsNode): number;
  get(node: number): ErofsNode;
  type(node: number): EntryType;
  /** Bytes of a file. */
  contentSize(node: number): number;
  /** Of a symbolic link. */
  linkTarget(node: number): string;
  xattrs(node: number): ErofsNode['xattrs'];
  /** Says something else of a node, whose type stays. */
  change(node: number, fields: Partial<ErofsNode>): void;
  readonly names: NameTable;
  /** The node of that name in a directory. */
  child(directory: number, name: string): number | undefined;
  /** Names are those of path-bytes.ts. */
  children(directory: number): [name: string, node: number][];
  /** Puts a node in the place of what may be there. @throws RangeError for a name that is too long. */
  put(directory: number, name: string, node: number): void;
  remove(directory: number, name: string): void;
}

const noXattrs: ErofsNode['xattrs'] = {};
const types: readonly EntryType[] = ['file', 'dir', 'symlink', 'char', 'block', 'fifo', 'socket'];

/** @param seed random, where others choose the names (createNameTable). */
export function createNodeTable(seed = 0): NodeTable {
  const texts = createTexts();
  const names = createNameTable(texts, seed);
  const xattrs = new Map<number, ErofsNode['xattrs']>();
  /** The number of the type, and the mode. */
  const head = createColumn(half);
  const [uid, gid, nanoseconds] = [createColumn(word), createColumn(word), createColumn(word)];
  const seconds = createColumn(wide);
  /** Of a file its device, 0 for no content. */
  const device = createColumn(half);
  /** Content or link target: where and how much. Numbers of devices. */
  const [first, second] = [createColumn(wide), createColumn(wide)];
  let size = 0;

  const type = (node: number): EntryType => types[head.get(node) >> 12]!;
  const linkTarget = (node: number): string => texts.text(first.get(node), second.get(node));

  function set(node: number, fields: ErofsNode): void {
    const { content, linkTarget: target } = fields;
    head.set(node, (types.indexOf(fields.type) << 12) | fields.mode);
    uid.set(node, fields.uid);
    gid.set(node, fields.gid);
    seconds.set(node, fields.seconds);
    nanoseconds.set(node, fields.nanoseconds);
    if (fields.type === 'symlink') {
      first.set(node, texts.add(target));
      second.set(node, texts.end - first.get(node));
    } else if (fields.type === 'file') {
      device.set(node, content === undefined ? 0 : content.device);
      first.set(node, content === undefined ? 0 : content.offset);
      second.set(node, content === undefined ? 0 : content.size);
    } else {
      first.set(node, fields.major);
      second.set(node, fields.minor);
    }
    let isEmpty = true;
    for (const _ in fields.xattrs) isEmpty = false;
    if (isEmpty) xattrs.delete(node);
    else xattrs.set(node, fields.xattrs);
  }

  const table: NodeTable = {
    names,
    get size() {
      return size;
    },
    add(node) {
      set(++size, node);
      return size;
    },
    get(node) {
      const found = blankNode(type(node));
      found.mode = head.get(node) & 0xfff;
      found.uid = uid.get(node);
      found.gid = gid.get(node);
      found.seconds = seconds.get(node);
      found.nanoseconds = nanoseconds.get(node);
      found.xattrs = table.xattrs(node);
      if (found.type === 'symlink') found.linkTarget = linkTarget(node);
      else if (found.type !== 'file') {
        found.major = first.get(node);
        found.minor = second.get(node);
      } else if (device.get(node) > 0)
        found.content = { device: device.get(node), offset: first.get(node), size: second.get(node) };
      return found;
    },
    type,
    contentSize: (node) => (device.get(node) > 0 ? second.get(node) : 0),
    linkTarget,
    xattrs: (node) => xattrs.get(node) ?? noXattrs,
    change: (node, fields) => set(node, { ...table.get(node), ...fields }),
    child: (directory, name) => names.find(directory, name) || undefined,
    children: (directory) => names.list(directory).map((name) => [names.textOf(name), names.nodeOf(name)]),
    put: (directory, name, node) => names.set(directory, name, node),
    remove: (directory, name) => names.set(directory, name, 0),
  };
  return table;
}
