// Mount points that a step's mounts need are made for it and taken away after it: no trace of them gets into a layer.
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import { encodePath } from '../fs/path-bytes.ts';
import type { Tree } from '../seams.ts';
import { ancestors, parentPath } from '../tree/path.ts';

/** What is mounted in every step; on a bare image these folders stay behind, as in BuildKit. */
const systemMounts = ['/dev', '/proc', '/sys'];

export function belowSystemMount(path: string): boolean {
  return systemMounts.some((mount) => path === mount || path.startsWith(`${mount}/`));
}

/** Those of the targets and of the directories above them that the root lacks, deepest first. */
export function missingMountPoints(tree: Tree, targets: readonly string[]): string[] {
  const missing = new Set<string>();
  for (const target of targets) {
    if (belowSystemMount(target)) continue;
    for (const path of [...ancestors(target), target]) if (!tree.lstat(path)) missing.add(path);
  }
  return [...missing].sort((a, b) => b.length - a.length);
}

/** Removes what is still as it was made: an empty file, an empty directory. `root` is a folder that a step wrote to. */
export function removeMountPoints(root: string, missing: readonly string[]): void {
  for (const path of missing) {
    if (!reachable(root, parentPath(path))) continue;
    const host = encodePath(root + path);
    try {
      const stat = lstatSync(host);
      if (stat.isDirectory()) rmdirSync(host);
      else if (stat.isFile() && stat.size === 0) unlinkSync(host);
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
    }
  }
}

/** Whether a directory is one without a link on the way: a step may have put one there. */
function reachable(root: string, path: string): boolean {
  return [...ancestors(path), path].every((at) =>
    lstatSync(encodePath(root + at), { throwIfNoEntry: false })?.isDirectory(),
  );
}
