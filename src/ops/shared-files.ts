// What the steps of a build share: the files that they see in place of the image's, and what those are mounted on where an image
// has none. Files made and deleted for each step would be much of what a small step takes.
import { chmodSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveOwner } from '../fs/owner-mark.ts';
import { loadSys } from '../fs/sys.ts';
import type { StepMount, Tree, TreeEntry } from '../seams.ts';
import { plainDirectory } from '../tree/directory-entry.ts';
import { ancestors } from '../tree/path.ts';
import { belowSystemMount } from './mount-points.ts';
import { type NameSettings, type SystemSources, systemMounts, writeSystemFiles } from './system-files.ts';

export interface SharedFiles {
  /** /etc/hosts and /etc/resolv.conf; for steps that can't write to them. */
  mounts(root: Tree): StepMount[];
  /**
   * A directory with what `root` lacks of these paths, as empty files: to be laid upon the layers of `root`, where it changes nothing else.
   * Undefined where nothing is missing, or where no file can be.
   */
  points(root: Tree, paths: readonly string[]): string | undefined;
}

interface Point {
  path: string;
  /** Undefined: the file. */
  directory: TreeEntry | undefined;
}

/** What it takes for `path` to be there; undefined where it is, or can't be. */
function pointsTo(root: Tree, path: string): Point[] | undefined {
  if (belowSystemMount(path) || root.lstat(path)) return undefined;
  const points: Point[] = [];
  for (const above of ancestors(path)) {
    if (above === '/') continue;
    const found = root.lstat(above);
    if (found && found.type !== 'dir') return undefined;
    points.push({ path: above, directory: found ?? plainDirectory });
  }
  return [...points, { path, directory: undefined }];
}

/** @param folder an empty one, which is there as long as the build runs. */
export function createSharedFiles(settings: NameSettings, folder: string): SharedFiles {
  let sources: SystemSources | undefined;
  let empty: string | undefined;
  const layers = new Map<string, string>();

  /** All points are one file. */
  function emptyFile(): string {
    if (empty === undefined) {
      empty = join(folder, 'empty');
      writeFileSync(empty, '');
      chmodSync(empty, 0o644);
    }
    return empty;
  }

  function make(points: ReadonlyMap<string, Point>): string {
    const layer = join(folder, `points-${layers.size}`);
    mkdirSync(layer);
    const directories: [string, TreeEntry][] = [];
    for (const { path, directory } of points.values()) {
      const host = layer + path;
      if (directory === undefined) linkSync(emptyFile(), host);
      else {
        mkdirSync(host);
        directories.push([host, directory]);
      }
    }
    for (const [host, { mode, uid, gid, mtime }] of directories.reverse()) {
      giveOwner(host, { uid, gid });
      chmodSync(host, mode);
      loadSys().setTimes(host, mtime);
    }
    return layer;
  }

  return {
    mounts(root) {
      sources ??= writeSystemFiles(settings, folder);
      return systemMounts(sources, root);
    },
    points(root, paths) {
      const points = new Map<string, Point>();
      for (const path of paths) for (const point of pointsTo(root, path) ?? []) points.set(point.path, point);
      if (points.size === 0) return undefined;
      const key = [...points.values()]
        .map(({ path, directory: at }) => JSON.stringify([path, at?.mode, at?.uid, at?.gid, `${at?.mtime}`]))
        .join();
      let layer = layers.get(key);
      if (layer === undefined) {
        layer = make(points);
        layers.set(key, layer);
      }
      return layer;
    },
  };
}
