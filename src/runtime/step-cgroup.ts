// The group of one step: made with its limits, entered by the step's first process, removed at the end.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemCode } from '../errors.ts';
import { ownIdentity } from '../fs/process-identity.ts';
import { outerUser } from '../fs/user-namespace.ts';
import type { Resources } from '../oci/resources.ts';
import { type CgroupFiles, cgroupFiles } from './cgroup-files.ts';
import { type CgroupHierarchy, parseHierarchies } from './cgroup-hierarchies.ts';
import { type CgroupAccess, cgroupError, cgroupParent, refused } from './cgroup-parent.ts';
import { type CgroupSetting, cgroupSettings } from './cgroup-settings.ts';
import { isDeadGroup, removeGroup } from './dead-groups.ts';

const { dirname, join } = posix;

export interface StepCgroup {
  /** A process that writes 0 to each of these files is in the group. */
  entrances: string[];
  /** Whether the kernel killed a process of the group for want of memory that its limit denied. */
  memoryLimitHit(): boolean;
  /** To be called when every process has ended. */
  remove(): Promise<void>;
}

/** What is known of cgroups here; tests have their own. */
export interface CgroupSystem {
  files: CgroupFiles;
  hierarchies: readonly CgroupHierarchy[];
  /** Whether the builder is root of the machine, or of a container; left out: it is. */
  isRoot?: boolean;
}

const hostCgroups = (): CgroupSystem => ({
  files: cgroupFiles,
  hierarchies: parseHierarchies(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  ),
  isRoot: (outerUser() ?? process.getuid?.()) === 0,
});

type Controller = CgroupSetting['controller'];
const controllers: readonly Controller[] = ['memory', 'cpu', 'cpuset', 'pids'];
let steps = 0;

/** A name that says whose it is, so that what a killed builder leaves is known to be nobody's. */
function groupName(): string {
  const { pid, start, space } = ownIdentity();
  return `slipway-${pid}-${start || 0}-${/\[(\d+)\]/.exec(space)?.[1] ?? 0}-${++steps}`;
}

/** In version 1 a group without CPUs and memory nodes takes no process. */
function inheritCpuset(files: CgroupFiles, group: string, file: string): string {
  const value = files.read(join(group, file))?.trim() ?? '';
  if (value !== '' || group === '/') return value;
  const above = inheritCpuset(files, dirname(group), file);
  if (above !== '') files.write(join(group, file), above);
  return above;
}

function set({ files, place }: CgroupAccess, group: string, { file, value }: CgroupSetting): void {
  try {
    files.write(join(group, file), value);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') {
      const swap = /sw/.test(file);
      throw cgroupError(
        `${group} has no ${file}`,
        swap ? 'Leave memory-swap out: the kernel does not account for swap.' : 'Leave this limit out.',
        error,
      );
    }
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') throw refused(group, error, place);
    throw cgroupError(`${code} for ${file} = ${value}`, 'Give a value that this machine can hold to.', error);
  }
}

/** Controllers by the hierarchy that has them; where none is asked for, those that there are. */
function place(needed: ReadonlySet<Controller>, { files, hierarchies }: CgroupSystem) {
  const places = new Map<CgroupHierarchy, Controller[]>();
  for (const controller of controllers) {
    if (needed.size > 0 && !needed.has(controller)) continue;
    const hierarchy = hierarchies.find(({ version, mount, controllers: held }) =>
      version === 1
        ? held.includes(controller)
        : files.read(join(mount, 'cgroup.controllers'))?.split(/\s+/).includes(controller),
    );
    if (hierarchy !== undefined)
      places.set(hierarchy, [...(places.get(hierarchy) ?? []), ...(needed.size > 0 ? [controller] : [])]);
    else if (needed.has(controller)) {
      throw cgroupError(
        `this machine has no cgroup controller for ${controller}`,
        'Leave this limit out, or mount the controller: it may be switched off in the kernel, or hidden from this container.',
      );
    }
  }
  return places;
}

/**
 * @param request.parent `--cgroup-parent`; without resources the step is only put below it.
 * @throws ERR_RUNTIME where cgroups can't be written to, a controller is missing or refuses a value; nothing is left then.
 */
export function createStepCgroup(
  request: { resources: Resources; parent: string | undefined },
  system: CgroupSystem = hostCgroups(),
): StepCgroup {
  const { resources, parent } = request;
  const { files } = system;
  const needed = new Set(cgroupSettings(resources, 1).map(({ controller }) => controller));
  const made: { group: string; version: 1 | 2 }[] = [];
  try {
    for (const [hierarchy, held] of place(needed, system)) {
      const place = { ...hierarchy, isRoot: system.isRoot ?? true };
      const access = { files, place };
      const { path: above, pids } = cgroupParent(access, hierarchy, { parent, needed: held });
      for (const name of files.groups(above)) if (isDeadGroup(name)) removeGroup(join(above, name), files);
      const group = join(above, groupName());
      try {
        files.make(group);
      } catch (error) {
        throw refused(above, error, place);
      }
      made.push({ group, version: hierarchy.version });
      for (const setting of cgroupSettings(resources, hierarchy.version))
        if (held.includes(setting.controller)) set(access, group, setting);
      if (pids !== undefined && pids < (resources.pids ?? Number.POSITIVE_INFINITY))
        set(access, group, { controller: 'pids', file: 'pids.max', value: `${pids}` });
      if (hierarchy.version === 1 && hierarchy.controllers.includes('cpuset'))
        for (const file of ['cpuset.cpus', 'cpuset.mems']) inheritCpuset(files, group, file);
    }
  } catch (error) {
    for (const { group } of made) removeGroup(group, files);
    throw error;
  }
  return {
    entrances: made.map(({ group }) => join(group, 'cgroup.procs')),
    memoryLimitHit() {
      const count = (group: string, file: string, word: string): number =>
        Number(new RegExp(`^${word}(\\d+)`, 'm').exec(files.read(join(group, file)) ?? '')?.[1] ?? 0);
      return made.some(({ group, version }) =>
        version === 2
          ? count(group, 'memory.events', 'oom ') > 0 && count(group, 'memory.events', 'oom_kill ') > 0
          : count(group, 'memory.failcnt', '') > 0 && count(group, 'memory.oom_control', 'oom_kill ') > 0,
      );
    },
    async remove() {
      // The kernel lets go of a process a little after its parent has heard of its end.
      for (let tries = 0; tries < 100; tries++) {
        const left = made.filter(({ group }) => !removeGroup(group, files));
        if (left.length === 0) return;
        await setTimeout(10);
      }
    },
  };
}
