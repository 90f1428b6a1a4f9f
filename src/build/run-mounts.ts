// The mounts of `run`: --volume, --tmpfs, and what the image declares as volumes where the root is read-only.
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { copyEntries } from '../ops/copy-entries.ts';
import type { RunRequest, RunVolume } from '../run-request.ts';
import type { StepMount, Tree } from '../seams.ts';
import { ancestors, cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';

export interface RunMountParts {
  request: RunRequest;
  root: Tree;
  /** Names in the image's VOLUME. */
  declared: readonly string[];
  /** A folder of this run's own. */
  scratch: string;
}

/** Links in the root are followed. @throws ERR_USAGE */
function targetPath(root: Tree, target: string, flag: string): string {
  if (!target.startsWith('/')) {
    throw new SlipwayError('ERR_USAGE', `${flag}: ${JSON.stringify(target)} is not absolute`, {
      hint: 'name the place in the image from its root on',
    });
  }
  const path = resolvePath(root, cleanPath(target), { followLast: true });
  if (path !== '/') return path;
  throw new SlipwayError('ERR_USAGE', `${flag}: nothing can be mounted over the root`);
}

function volumeMount(volume: RunVolume, { request, root }: RunMountParts): StepMount {
  const source = resolve(request.cwd, volume.source);
  if (statSync(source, { throwIfNoEntry: false }) === undefined) {
    throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `--volume: ${volume.source} not found`, {
      hint: `it must be there before: mkdir -p ${volume.source}`,
    });
  }
  const { readonly } = volume;
  return { type: 'bind', source, target: targetPath(root, volume.target, '--volume'), readonly };
}

/** A copy of what the image has there, which may be written to. */
function declaredMount(path: string, index: number, { root, scratch }: RunMountParts): StepMount {
  const target = targetPath(root, path.startsWith('/') ? path : `/${path}`, 'VOLUME');
  const source = join(scratch, `volume-${index}`);
  mkdirSync(source);
  if (root.lstat(target)?.type === 'dir') copyEntries(root, target, source);
  return { type: 'bind', source, target, readonly: false };
}

/** What lies above comes first, in whatever order it was named. @throws ERR_USAGE, ERR_SOURCE_NOT_FOUND */
export function runMounts(parts: RunMountParts): StepMount[] {
  const { request, root, declared } = parts;
  const mounts = request.volumes.map((volume) => volumeMount(volume, parts));
  for (const { target, size } of request.tmpfs) {
    mounts.push({ type: 'tmpfs', target: targetPath(root, target, '--tmpfs'), size });
  }
  const targets = new Set<string>();
  for (const { target } of mounts) {
    if (targets.has(target)) {
      throw new SlipwayError('ERR_USAGE', `two mounts have the place ${target}`, { hint: 'leave one out' });
    }
    targets.add(target);
  }
  if (request.readOnly) {
    for (const [index, path] of declared.entries()) {
      const mount = declaredMount(path, index, parts);
      if (!targets.has(mount.target)) mounts.push(mount);
      targets.add(mount.target);
    }
  }
  return mounts.sort((a, b) => ancestors(a.target).length - ancestors(b.target).length);
}
