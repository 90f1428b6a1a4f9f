// Which entries of a stack of layers are left when the stack becomes one layer, and what that layer must take away from what is below.
import type { Tree, TreeEntry } from '../seams.ts';
import { badArchive } from './bad-archive.ts';
import { cleanPath, splitPath } from './clean-path.ts';
import type { LayerItem } from './copy-header.ts';
import { opaqueName, whiteoutPrefix } from './layer-header.ts';

/** A file under several names is written once, as the first of them that is left. */
interface LinkedFile {
  /** Of the entry that has the content. */
  index: number;
}

interface Kept {
  layer: number;
  index: number;
  /** Kept for folders alone. */
  folder: LayerItem | undefined;
  isSymlink: boolean;
  /** Undefined: neither a file nor a link to one. */
  file: LinkedFile | undefined;
}

interface Node {
  kept: Kept | undefined;
  children: Map<string, Node>;
  /** What lies below the stack at this path is not seen, nor is what is in it. */
  hidden: boolean;
  /** What lies below the stack in this folder is not seen. */
  cleared: boolean;
}

export interface SquashPlan {
  /** What is gone, parents first. */
  whiteouts: string[];
  /** Parents first. */
  folders: { path: string; item: LayerItem }[];
  /** By layer: what to write where the entry of an index comes along. All but the first path are links to it. */
  rest: Map<number, string[]>[];
}

export interface Squash {
  /** Adds the next layer's entries: the lowest layer comes first. */
  addLayer(items: AsyncIterable<LayerItem>): Promise<void>;
  /** @param below what the stack lies on; asked only where something of it may be hidden. */
  finish(below: () => Promise<Tree>): Promise<SquashPlan>;
}

const newNode = (): Node => ({ kept: undefined, children: new Map(), hidden: false, cleared: false });

/** @throws ERR_BAD_ARCHIVE where layers don't fit on each other */
export function createSquash(): Squash {
  const root = newNode();
  let layers = 0;

  function find(path: string): Node | undefined {
    let node: Node | undefined = root;
    for (const name of path === '' ? [] : path.split('/')) node = node?.children.get(name);
    return node;
  }

  /** Makes what is missing on the way. */
  function reach(path: string): Node {
    let node = root;
    for (const name of path === '' ? [] : path.split('/')) {
      if (node.kept && !node.kept.folder) {
        if (node.kept.isSymlink) throw badArchive(`${JSON.stringify(path)} lies below a symbolic link`);
        node.kept = undefined;
        node.hidden = true;
      }
      let next = node.children.get(name);
      if (!next) {
        next = newNode();
        node.children.set(name, next);
      }
      node = next;
    }
    return node;
  }

  /** Whether a lower layer has something on the way that is no folder: then nothing lies there to be hidden. */
  function isBlocked(path: string): boolean {
    const names = path.split('/').slice(0, -1);
    return names.some((_, index) => {
      const kept = find(names.slice(0, index + 1).join('/'))?.kept;
      return kept !== undefined && !kept.folder;
    });
  }

  function hide(path: string): void {
    if (isBlocked(path)) return;
    const node = reach(path);
    node.kept = undefined;
    node.children.clear();
    node.hidden = true;
  }

  function clear(path: string): void {
    if (isBlocked(`${path}/`)) return;
    const node = reach(path);
    node.children.clear();
    node.cleared = true;
  }

  return {
    async addLayer(items) {
      const layer = layers++;
      const entries: { path: string; index: number; item: LayerItem }[] = [];
      let index = -1;
      // Whiteouts first: wherever they stand, they mean what is below their layer.
      for await (const item of items) {
        index++;
        const path = cleanPath(item.path);
        const [parent, name] = splitPath(path);
        if (name === opaqueName) clear(parent);
        else if (!name.startsWith(whiteoutPrefix)) entries.push({ path, index, item });
        else if (!name.startsWith(whiteoutPrefix, whiteoutPrefix.length)) {
          const hidden = name.slice(whiteoutPrefix.length);
          if (['', '.', '..'].includes(hidden)) throw badArchive(`${JSON.stringify(name)} is no whiteout`);
          hide(parent === '' ? hidden : `${parent}/${hidden}`);
        }
      }
      for (const { path, index: at, item } of entries) {
        const node = reach(path);
        const before = node.kept;
        const common = { layer, index: at, folder: undefined, isSymlink: false, file: undefined };
        if (item.type === 'dir') {
          if (before && !before.folder) node.hidden = true;
          node.kept = { ...common, folder: item };
          continue;
        }
        if (path === '') throw badArchive('the root is no directory');
        const kept: Kept = { ...common, isSymlink: item.type === 'symlink' };
        if (item.type === 'file') kept.file = { index: at };
        if (item.type === 'link') {
          const target = find(cleanPath(item.linkName))?.kept;
          if (target?.layer !== layer || target.folder) {
            throw badArchive(
              `${JSON.stringify(item.path)} is a hard link to ${JSON.stringify(item.linkName)}, which is no file of the layer`,
            );
          }
          // Of links to links and devices, too, the first one tells what they are.
          target.file ??= { index: target.index };
          kept.file = target.file;
        }
        node.children.clear();
        node.kept = kept;
      }
    },
    finish: (below) => finish(root, layers, below),
  };
}

async function finish(root: Node, layers: number, below: () => Promise<Tree>): Promise<SquashPlan> {
  const plan: SquashPlan = {
    whiteouts: [],
    folders: [],
    rest: Array.from({ length: layers }, () => new Map()),
  };
  const tree = hidesAnything(root) ? await below() : undefined;
  const links: { kept: Kept; path: string }[] = [];

  /** Hides what the folder below has and the stack has not. */
  function hideChildren(node: Node, path: string): void {
    for (const name of tree!.readdir(`/${path}`)) {
      const inner = path === '' ? name : `${path}/${name}`;
      const own = node.children.get(name);
      if (!own || isEmpty(own) || !own.kept) plan.whiteouts.push(inner);
      else if (own.kept.folder && lookUp(tree!, inner)?.type === 'dir') hideChildren(own, inner);
    }
  }

  /** @param covered what lies below is not seen here: that is said by whoever knows. */
  function visit(node: Node, path: string, covered: boolean): void {
    const { kept } = node;
    const isFolder = !kept || kept.folder !== undefined;
    if (tree && !covered && (node.hidden || node.cleared)) {
      const there = lookUp(tree, path);
      if (there && node.hidden && !kept) plan.whiteouts.push(path);
      else if (there?.type === 'dir' && isFolder) hideChildren(node, path);
    }
    if (kept?.folder) plan.folders.push({ path, item: kept.folder });
    else if (kept) links.push({ kept, path });
    const hides = covered || node.hidden || node.cleared || !isFolder;
    for (const name of [...node.children.keys()].sort())
      visit(node.children.get(name)!, path === '' ? name : `${path}/${name}`, hides);
  }

  visit(root, '', false);
  for (const { kept, path } of links.sort((one, other) => one.kept.index - other.kept.index)) {
    const own = plan.rest[kept.layer]!;
    const index = kept.file?.index ?? kept.index;
    own.set(index, [...(own.get(index) ?? []), path]);
  }
  plan.whiteouts.sort();
  return plan;
}

const hidesAnything = (node: Node): boolean =>
  node.hidden || node.cleared || [...node.children.values()].some(hidesAnything);

const isEmpty = (node: Node): boolean => !node.kept && [...node.children.values()].every(isEmpty);

/** Undefined where a part of the way is no folder: links on it are not followed. */
function lookUp(tree: Tree, path: string): TreeEntry | undefined {
  let at = '';
  let entry = tree.lstat('/');
  for (const name of path === '' ? [] : path.split('/')) {
    if (entry?.type !== 'dir') return undefined;
    at += `/${name}`;
    entry = tree.lstat(at);
  }
  return entry;
}
