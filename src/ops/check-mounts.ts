// Whether a step's mounts can be put where they are wanted, known before its runtime tries: a folder on a folder, a file on
// a file, and a place that is missing only where it can be made.
import { statSync } from 'node:fs';
import { SlipwayError } from '../errors.ts';
import { encodePath } from '../fs/path-bytes.ts';
import type { StepMount, Tree } from '../seams.ts';
import { ancestors } from '../tree/path.ts';
import { belowSystemMount } from './mount-points.ts';

type Kind = 'folder' | 'file';

/** What a mount shows at a path below it; '' is what is mounted itself. */
export type Shown = (below: string) => Kind | undefined;

export const shownByTree =
  (tree: Tree, path: string): Shown =>
  (below) => {
    const entry = tree.lstat(path === '/' ? below || '/' : path + below);
    return entry && (entry.type === 'dir' ? 'folder' : 'file');
  };

const shownByHost =
  (source: string): Shown =>
  (below) => {
    const stat = statSync(encodePath(source + below), { throwIfNoEntry: false });
    return stat && (stat.isDirectory() ? 'folder' : 'file');
  };

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

function cannot(target: string, why: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_COPY', `cannot mount on ${target}: ${why}`, { hint });
}

interface Placed {
  target: string;
  readonly: boolean;
  shown: Shown;
}

function check(under: Placed, target: string, kind: Kind): void {
  for (const path of [...ancestors(target), target]) {
    if (!isBelow(path, under.target)) continue;
    const found = under.shown(path.slice(under.target.length));
    if (found === undefined) {
      if (!under.readonly) return;
      throw cannot(
        target,
        `${path} is missing in the read-only mount on ${under.target}`,
        `make ${path} in what is mounted there, or add rw to that mount`,
      );
    }
    const wanted = path === target ? kind : 'folder';
    if (found === wanted) continue;
    const why = path === target ? `there is a ${found}, and a ${kind} is mounted` : `${path} is a file`;
    throw cannot(target, why, `choose another target, or remove ${path} in an earlier step`);
  }
}

/**
 * @param trees what mounts of other results show; a bind's source is looked at on the host.
 * @throws ERR_COPY for the first mount that has no place
 */
export function checkMounts(
  root: Tree,
  mounts: readonly StepMount[],
  trees: ReadonlyMap<StepMount, Shown>,
): void {
  const placed: Placed[] = [{ target: '', readonly: false, shown: shownByTree(root, '/') }];
  for (const mount of mounts) {
    const shown: Shown =
      mount.type === 'bind'
        ? shownByHost(mount.source)
        : (trees.get(mount) ?? ((below) => (below === '' ? 'folder' : undefined)));
    const { target } = mount;
    // Below /dev, /proc and /sys everything is the runtime's.
    if (belowSystemMount(target)) continue;
    check(placed.findLast((one) => isBelow(target, one.target))!, target, shown('') ?? 'folder');
    placed.push({ target, readonly: mount.type !== 'tmpfs' && mount.readonly, shown });
  }
}
