// A layer's whiteouts as overlayfs has them: devices 0:0 and an attribute on directories.
import { lstatSync } from 'node:fs';
import { encodePath } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import type { EntryType, TreeEntry } from '../seams.ts';
import { splitPath } from './clean-path.ts';
import type { RootDirectory } from './root-directory.ts';

export interface Marks {
  /** Host path of the directory that the tree is about. */
  root: string;
  /** Clean relative paths. */
  whiteouts: ReadonlySet<string>;
  opaques: ReadonlySet<string>;
  overlayXattr: 'trusted.overlay' | 'user.overlay';
  parent?: ((path: string) => TreeEntry | undefined) | undefined;
}

/**
 * Places the marks, once it is known what else the layer has there. Outer ones come first: what is hidden by them needs no mark of its
 * own, and in a directory that hides all below, overlayfs would list the marks. What no lower layer has gets none, where that is known.
 * Returns the directories (`/a/b`) that hide what lower layers have there, sorted.
 */
export function placeMarks(tree: RootDirectory, marks: Marks): string[] {
  const { root, whiteouts, opaques, overlayXattr, parent } = marks;
  if (whiteouts.size + opaques.size === 0) return [];
  const sys = loadSys();
  const hiding = new Set<string>();

  /** The directory as it is in this layer or, made anew, as lower layers have it; undefined where neither has it. */
  function enter(path: string): string | undefined {
    const parts = path === '' ? [] : path.split('/');
    let hostPath = root;
    for (let count = 1; count <= parts.length; count++) {
      const next = tree.find(parts.slice(0, count).join('/'));
      if (next === undefined) {
        if (exists(`${hostPath}/${parts[count - 1]}`) || isHidden(hostPath)) return undefined;
        const lower = lowerType(`${hostPath}/${parts.slice(count - 1).join('/')}`);
        return lower === 'dir' || lower === 'unknown' ? tree.resolve(path) : undefined;
      }
      hostPath = next;
    }
    return hostPath;
  }

  function isHidden(hostPath: string): boolean {
    for (let path = hostPath; path.length >= root.length; path = path.slice(0, path.lastIndexOf('/'))) {
      if (hiding.has(path)) return true;
    }
    return false;
  }

  function lowerType(hostPath: string): EntryType | 'none' | 'unknown' {
    return parent ? (parent(hostPath.slice(root.length))?.type ?? 'none') : 'unknown';
  }

  for (const { path, isOpaque } of inOrder(marks)) {
    const [parentPath, name] = splitPath(path);
    const directory = enter(isOpaque ? path : parentPath);
    if (directory === undefined) continue;
    const hostPath = isOpaque ? directory : `${directory}/${name}`;
    if (isDirectory(hostPath)) hiding.add(hostPath);
    else if (!exists(hostPath) && !isHidden(directory) && lowerType(hostPath) !== 'none') {
      sys.mknod(hostPath, { type: 'char', mode: 0, major: 0, minor: 0 });
    }
  }
  for (const hostPath of hiding) sys.setXattr(hostPath, `${overlayXattr}.opaque`, Buffer.from('y'));
  return [...hiding].map((hostPath) => hostPath.slice(root.length) || '/').sort();
}

function inOrder(marks: Marks): { path: string; isOpaque: boolean }[] {
  const all = [...marks.whiteouts].map((path) => ({ path, isOpaque: false }));
  for (const path of marks.opaques) all.push({ path, isOpaque: true });
  return all.sort(
    (one, other) => one.path.length - other.path.length || Number(one.isOpaque) - Number(other.isOpaque),
  );
}

function exists(hostPath: string): boolean {
  return lstatSync(encodePath(hostPath), { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(hostPath: string): boolean {
  return lstatSync(encodePath(hostPath), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
