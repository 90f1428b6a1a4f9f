// A stack of layers as one tree in memory, with who wrote each file, and what each layer changed of what was there (OCI layer.md).
import type { Removal } from '../seams.ts';
import { type FileItem, type LayerItem, sameMetadata } from './layer-item.ts';
import { badLayer, linkedPath } from './linked-path.ts';

/** What stands in a tar once, under however many names. */
export interface Content {
  item: FileItem;
  /** Which layer has it, from 0. */
  layer: number;
  /** How many names lead to it in the tree. */
  names: number;
}

export interface FileNode {
  /** Of a hard link, the entry of the file that it leads to; undefined of directories that no layer has an entry for. */
  item: FileItem | undefined;
  /** Which layer wrote this name last. */
  layer: number;
  /** A further name of a file. */
  isLink: boolean;
  /** Of all but directories. */
  content: Content | undefined;
  /** Of directories. */
  children: Map<string, FileNode> | undefined;
}

/** What a layer did to a path. */
export interface FileChange {
  /** `a/b`, as the tree has it: without symbolic links. */
  path: string;
  before: FileNode | undefined;
  after: FileNode | undefined;
}

/** Bytes of a layer that no name leads to any more. */
export interface Waste {
  path: string;
  content: Content;
  /** Which layer took the last name away. */
  by: number;
  kind: 'deleted' | 'overwritten';
}

export interface LayerObserver {
  onChange?(change: FileChange): void;
  onWaste?(waste: Waste): void;
}

export interface MergedFiles {
  readonly root: FileNode;
  /** Adds the next layer: the lowest comes first. Returns the bytes of the contents in its tar. @throws ERR_BAD_ARCHIVE */
  addLayer(items: readonly LayerItem[], observer: LayerObserver): number;
  /** Symbolic links are not followed. */
  find(path: string): FileNode | undefined;
}

const mostLinks = 40;

const split = (path: string): string[] => (path === '' ? [] : path.split('/'));
const join = (parent: string, name: string): string => (parent === '' ? name : `${parent}/${name}`);

/** Parent and name; '' is the parent of what lies in the root. */
function splitPath(path: string): [string, string] {
  const slash = path.lastIndexOf('/');
  return [slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1)];
}

const directory = (item: FileItem | undefined, layer: number): FileNode => ({
  ...{ item, layer, isLink: false, content: undefined },
  children: new Map(),
});

/** Every node below, the nearest first; links are not followed. */
export function visitBelow(
  node: FileNode,
  path: string,
  visit: (path: string, node: FileNode) => void,
): void {
  for (const [name, child] of node.children ?? []) {
    const inner = join(path, name);
    visit(inner, child);
    visitBelow(child, inner, visit);
  }
}

export function createMergedFiles(): MergedFiles {
  const root = directory(undefined, -1);
  let layer = -1;
  /** What this layer has touched, with what lower layers have there. */
  let touched = new Map<string, FileNode | undefined>();
  let lost: { path: string; content: Content }[] = [];
  let written = 0;
  /** The directory that was resolved last. */
  let last: { path: string; found: Place } | undefined;

  interface Place {
    node: FileNode;
    path: string;
  }

  function find(path: string): FileNode | undefined {
    let node: FileNode | undefined = root;
    for (const name of split(path)) node = node?.children?.get(name);
    return node;
  }

  function touch(path: string, before: FileNode | undefined): void {
    if (!touched.has(path)) touched.set(path, before);
  }

  /** Lets go of a name, and of all that is below it. */
  function drop(node: FileNode, path: string): void {
    touch(path, node);
    const { content, children } = node;
    if (content && --content.names === 0) lost.push({ path, content });
    for (const [name, child] of children ?? []) drop(child, join(path, name));
  }

  /** The directory at a path. Links that this layer has made are followed, as when it is unpacked. @param make what is missing */
  function resolve(path: string, make: boolean, links = mostLinks): Place | undefined {
    if (last?.path === path) return last.found;
    let at: Place = { node: root, path: '' };
    const parts = split(path);
    for (const [index, name] of parts.entries()) {
      const there = at.node.children!.get(name);
      const inner = join(at.path, name);
      if (there?.children) {
        at = { node: there, path: inner };
        continue;
      }
      if (there?.item?.type === 'symlink' && there.layer === layer) {
        if (links === 0) throw badLayer(`too many symbolic links at ${JSON.stringify(path)}`);
        const target = linkedPath(at.path, there.item.linkTarget, parts.slice(index + 1));
        return resolve(target, make, links - 1);
      }
      if (!make) return undefined;
      const made = directory(undefined, layer);
      put(at, name, made);
      at = { node: made, path: inner };
    }
    last = { path, found: at };
    return at;
  }

  /** Puts a node in the place of what may be there: of a path that a tar has twice, the last one counts. @param path of the name */
  function put(parent: Place, name: string, node: FileNode, path = join(parent.path, name)): void {
    const there = parent.node.children!.get(name);
    if (there) {
      drop(there, path);
      last = undefined;
    } else touch(path, undefined);
    parent.node.children!.set(name, node);
  }

  function addDirectory(item: FileItem, parent: Place, name: string): void {
    const there = parent.node.children!.get(name);
    if (!there?.children) {
      put(parent, name, directory(item, layer));
      return;
    }
    touch(join(parent.path, name), { ...there });
    there.item = item;
    there.layer = layer;
  }

  /** The file that a hard link leads to. */
  function linkedNode(path: string): FileNode | undefined {
    const [parent, name] = splitPath(path);
    const target = find(path) ?? resolve(parent, false)?.node.children?.get(name);
    return target?.content ? target : undefined;
  }

  function addEntry(item: FileItem): void {
    if (item.path === '') {
      root.item = item;
      root.layer = layer;
      return;
    }
    const [parentPath, name] = splitPath(item.path);
    const parent = resolve(parentPath, true)!;
    if (item.type === 'dir') {
      addDirectory(item, parent, name);
      return;
    }
    const target = item.hardLinkTo === undefined ? undefined : linkedNode(item.hardLinkTo);
    const content = target?.content ?? { item, layer, names: 0 };
    if (!target) written += item.size;
    content.names++;
    const isLink = target !== undefined;
    const node: FileNode = { item: content.item, layer, isLink, content, children: undefined };
    // One text for one path: there may be millions.
    put(parent, name, node, parent.path === parentPath ? item.path : join(parent.path, name));
  }

  function remove(item: Removal): void {
    const node = find(item.path);
    if (!node) return;
    if (item.kind === 'opaque') {
      for (const [name, child] of node.children ?? []) drop(child, join(item.path, name));
      node.children?.clear();
    } else if (item.path !== '') {
      const [parent, name] = splitPath(item.path);
      drop(node, item.path);
      find(parent)!.children!.delete(name);
    }
  }

  return {
    root,
    find,
    addLayer(items, { onChange, onWaste }) {
      layer++;
      touched = new Map();
      lost = [];
      written = 0;
      last = undefined;
      // Wherever they stand in the tar, whiteouts mean what is below their layer.
      for (const item of items) if (item.kind !== 'entry') remove(item);
      for (const item of items) if (item.kind === 'entry') addEntry(item);
      for (const [path, before] of onChange ? touched : []) {
        const after = find(path);
        if (isChange(before, after)) onChange!({ path, before, after });
      }
      for (const { path, content } of onWaste ? lost : []) {
        const kind = find(path)?.content ? 'overwritten' : 'deleted';
        onWaste!({ path, content, by: layer, kind });
      }
      touched = new Map();
      lost = [];
      return written;
    },
  };
}

function isChange(before: FileNode | undefined, after: FileNode | undefined): boolean {
  if (!before || !after) return before !== after;
  if (before.content || after.content) return true;
  return before.item !== undefined && after.item !== undefined && !sameMetadata(before.item, after.item);
}
