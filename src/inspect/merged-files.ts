// A stack of layers as one tree in memory, with who wrote each file, and what each layer changed of what was there (OCI layer.md).
import { SlipwayError } from '../errors.ts';
import { type FileItem, type LayerItem, sameMetadata } from './layer-item.ts';

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
  let observer: LayerObserver = {};
  /** Of lower layers, what this one takes away. */
  let removed = new Map<string, FileNode>();
  /** Paths of those that are there again. */
  let again = new Set<string>();
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

  function drop({ content }: FileNode, path: string, kind: Waste['kind']): void {
    if (!content || --content.names > 0) return;
    observer.onWaste?.({ path, content, by: layer, kind });
  }

  function remember(path: string, node: FileNode): void {
    removed.set(path, node);
    visitBelow(node, path, (inner, one) => void removed.set(inner, one));
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

  /** Puts a node in the place of what may be there, and tells of it. */
  function put(parent: Place, name: string, node: FileNode): void {
    const path = join(parent.path, name);
    const there = parent.node.children!.get(name);
    parent.node.children!.set(name, node);
    if (there) last = undefined;
    if (there && there.layer === layer && !there.children) {
      // The tar has the path twice: the last one counts.
      drop(there, path, 'overwritten');
      return;
    }
    const before = there ?? removed.get(path);
    if (before) again.add(path);
    if (there?.children) remember(path, there);
    const isKnown =
      before?.children && node.children && before.item && node.item && sameMetadata(before.item, node.item);
    if (!isKnown) observer.onChange?.({ path, before, after: node });
    if (there && !there.children) drop(there, path, 'overwritten');
  }

  function addDirectory(item: FileItem, parent: Place, name: string): void {
    const there = parent.node.children!.get(name);
    if (!there?.children) {
      put(parent, name, directory(item, layer));
      return;
    }
    const { item: known, layer: from } = there;
    there.item = item;
    there.layer = layer;
    if (from === layer || (known && sameMetadata(known, item))) return;
    const before = { ...there, item: known, layer: from };
    observer.onChange?.({ path: join(parent.path, name), before, after: there });
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
    put(parent, name, {
      item: content.item,
      layer,
      isLink: target !== undefined,
      content,
      children: undefined,
    });
  }

  return {
    root,
    find,
    addLayer(items, watching) {
      layer++;
      observer = watching;
      removed = new Map();
      again = new Set();
      written = 0;
      last = undefined;
      // Wherever they stand in the tar, whiteouts mean what is below their layer.
      for (const item of items) {
        if (item.kind === 'entry') continue;
        const node = find(item.path);
        if (!node) continue;
        if (item.kind === 'opaque') {
          visitBelow(node, item.path, (path, one) => void removed.set(path, one));
          node.children?.clear();
        } else if (item.path !== '') {
          const [parent, name] = splitPath(item.path);
          find(parent)!.children!.delete(name);
          remember(item.path, node);
        }
      }
      for (const item of items) if (item.kind === 'entry') addEntry(item);
      for (const [path, node] of removed) {
        if (!again.has(path)) observer.onChange?.({ path, before: node, after: undefined });
        drop(node, path, again.has(path) ? 'overwritten' : 'deleted');
      }
      removed = new Map();
      again = new Set();
      return written;
    },
  };
}

/** Where a link in `folder` leads, and on from there; never out of the root. */
function linkedPath(folder: string, target: string, rest: readonly string[]): string {
  const parts = target.startsWith('/') ? [] : split(folder);
  for (const part of [...target.split('/'), ...rest]) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function badLayer(reason: string): SlipwayError {
  return new SlipwayError('ERR_BAD_ARCHIVE', `bad layer: ${reason}`, {
    hint: 'fetch or make the image again: it is damaged, or was made to do harm',
  });
}
