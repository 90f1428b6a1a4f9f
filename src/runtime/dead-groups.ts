// Cgroups of steps whose builders were killed: empty, and nobody's. Their names tell.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { isAlive, ownIdentity } from '../fs/process-identity.ts';
import { type CgroupFiles, cgroupFiles } from './cgroup-files.ts';
import { parseHierarchies } from './cgroup-hierarchies.ts';
import { parentPath } from './cgroup-parent.ts';

const { dirname, join } = posix;

/** Whether a group is that of a step, and its builder is known to be dead. */
export function isDeadGroup(name: string): boolean {
  const [, pid, start = '', namespace] = /^slipway-(\d+)-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
  const { space } = ownIdentity();
  if (namespace === undefined || start === '0' || !space.endsWith(`[${namespace}]`)) return false;
  return isAlive({ pid: Number(pid), start, space }) === false;
}

/** With the groups in it. False where one has processes, or may not be removed. */
export function removeGroup(group: string, files: CgroupFiles = cgroupFiles): boolean {
  for (const name of files.groups(group)) removeGroup(join(group, name), files);
  return files.remove(group);
}

/**
 * Paths of the dead groups in this process's own group, in those around it, and in others. Empty where there are no cgroups.
 * @param parents the others, as `--cgroup-parent` names them
 */
export function deadGroups(parents: readonly string[] = [], files: CgroupFiles = cgroupFiles): string[] {
  const groups = new Set<string>();
  const lookInto = (group: string): void => {
    for (const name of files.groups(group)) if (isDeadGroup(name)) groups.add(join(group, name));
  };
  for (const { mount, own } of hierarchies()) {
    for (let path = own; path !== undefined; path = path === '/' ? undefined : dirname(path))
      lookInto(join(mount, path));
    for (const parent of parents) lookInto(join(mount, parentPath(parent)));
  }
  return [...groups];
}

function hierarchies() {
  try {
    return parseHierarchies(
      readFileSync('/proc/self/mountinfo', 'utf8'),
      readFileSync('/proc/self/cgroup', 'utf8'),
    );
  } catch {
    return [];
  }
}
