// Where the group of a step is made: below the builder's own, or below the one that is named.
import { posix } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import type { CgroupFiles } from './cgroup-files.ts';
import type { CgroupHierarchy } from './cgroup-hierarchies.ts';
import { absentHint, type CgroupPlace, closedHint } from './cgroup-hint.ts';

const { dirname, join } = posix;
const named = 'name a group for steps: --cgroup-parent=/slipway';

/** @param problem completes "the step can't have limits: ". */
export function cgroupError(problem: string, hint: string, cause?: unknown): SlipwayError {
  return new SlipwayError('ERR_RUNTIME', `the step can't have limits: ${problem}`, { hint, cause });
}

/** Groups as files, and whose they are to be. */
export interface CgroupAccess {
  files: CgroupFiles;
  place: CgroupPlace;
}

/** What the kernel said to a change of `path`. */
export function refused(path: string, cause: unknown, place: CgroupPlace): SlipwayError {
  const code = systemCode(cause) ?? '';
  const closed = ['EROFS', 'EACCES', 'EPERM'].includes(code);
  const hint = closed ? closedHint(place) : `Leave the limits out, or ${named}.`;
  return cgroupError(`${path} can't be changed (${code})`, hint, cause);
}

const noController = ' has no controller for ';
const wordsOf = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);

/** Lets children of a group have `needed` (version 2). Returns what is in the way. */
function enable({ files, place }: CgroupAccess, group: string, needed: readonly string[]): unknown {
  const available = wordsOf(files.read(join(group, 'cgroup.controllers')));
  const absent = needed.filter((name) => !available.includes(name));
  if (absent.length > 0) return `${group}${noController}${absent.join(', ')}`;
  // The kernel gives such a group children with `cpu` and `pids`, into which nothing may go. The root of all has no type, and may.
  const isRoot = files.read(join(group, 'cgroup.type')) === undefined;
  if (!isRoot && wordsOf(files.read(join(group, 'cgroup.procs'))).length > 0)
    return `${group} has processes of its own`;
  const enabled = wordsOf(files.read(join(group, 'cgroup.subtree_control')));
  const missing = needed.filter((name) => !enabled.includes(name));
  if (missing.length === 0) return undefined;
  try {
    files.write(join(group, 'cgroup.subtree_control'), missing.map((name) => `+${name}`).join(' '));
    return undefined;
  } catch (error) {
    return systemCode(error) === 'EBUSY' ? `${group} has processes of its own` : refused(group, error, place);
  }
}

/** Whether what runs in a group may use less than what runs beside it, but for its number of processes. */
function hasLimits(files: CgroupFiles, group: string): boolean {
  const value = (name: string): string => files.read(join(group, name))?.trim() ?? '';
  const free = (name: string): boolean => value(name) === '' || value(name).startsWith('max');
  const limits = ['memory.max', 'memory.high', 'memory.swap.max', 'cpu.max'];
  return !limits.every(free) || value('cpuset.cpus') !== '' || value('cpuset.mems') !== '';
}

/** The smaller of two numbers of processes; `max` is none. */
function fewer(a: number | undefined, text: string | undefined): number | undefined {
  const b = Number.parseInt(text ?? '', 10);
  if (Number.isNaN(b)) return a;
  return a === undefined ? b : Math.min(a, b);
}

export interface GroupPlace {
  path: string;
  /** How many processes a step may have there, as the builder may: systemd limits that of every service. */
  pids: number | undefined;
}

function fail(problem: unknown, hint: string): never {
  if (problem instanceof SlipwayError) throw problem;
  throw cgroupError(`${problem}`, hint);
}

/** The nearest group around the builder that may have groups with limits: one with processes may not. */
function nearest(
  access: CgroupAccess,
  { mount, own }: CgroupHierarchy,
  needed: readonly string[],
): GroupPlace {
  const { files } = access;
  // The first is nearest to what the builder may change.
  let refusal: unknown;
  let pids: number | undefined;
  for (let path = own!; ; path = dirname(path)) {
    const group = join(mount, path);
    const problem = enable(access, group, needed);
    if (problem === undefined) return { path: group, pids };
    if (problem instanceof SlipwayError) refusal ??= problem;
    if (path === '/') {
      if (refusal !== undefined) throw refusal;
      if (`${problem}`.includes(noController)) fail(problem, absentHint(access.place));
      const leaf = join(mount, 'init');
      fail(
        problem,
        `Leave the limits out. In a container that may change its cgroups, first give its processes a group: mkdir ${leaf} && xargs -rn1 < ${join(mount, 'cgroup.procs')} > ${join(leaf, 'cgroup.procs')}`,
      );
    }
    // Beside it a step would have what is kept from the builder.
    if (hasLimits(files, group)) fail(`${problem}, and limits`, `Start slipway without limits, or ${named}.`);
    pids = fewer(pids, files.read(join(group, 'pids.max')));
  }
}

/** A slice without a path lies where systemd has it: `a-b.slice` in `a.slice`. */
export function parentPath(parent: string): string {
  if (!/^[^/]+\.slice$/.test(parent)) return join('/', parent);
  const parts = parent.slice(0, -'.slice'.length).split('-');
  return join('/', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`));
}

/**
 * The group in which a step's group is to be made.
 * @param options.parent `--cgroup-parent`: made where it is missing, and left.
 * @param options.needed controllers. @throws ERR_RUNTIME
 */
export function cgroupParent(
  access: CgroupAccess,
  hierarchy: CgroupHierarchy,
  options: { parent: string | undefined; needed: readonly string[] },
): GroupPlace {
  const { parent, needed } = options;
  const { files, place } = access;
  const { version, mount, own } = hierarchy;
  if (parent === undefined) {
    if (own === undefined) throw cgroupError(`the builder's group is not to be seen in ${mount}`, named);
    return version === 1 ? { path: join(mount, own), pids: undefined } : nearest(access, hierarchy, needed);
  }
  let group = mount;
  for (const name of parentPath(parent).split('/').filter(Boolean)) {
    const problem = version === 2 ? enable(access, group, needed) : undefined;
    if (problem !== undefined) fail(problem, 'Leave the limits out, or name another group.');
    group = join(group, name);
    try {
      files.make(group);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw refused(group, error, place);
    }
  }
  const problem = version === 2 ? enable(access, group, needed) : undefined;
  if (problem !== undefined) fail(problem, 'Name a group without processes.');
  return { path: group, pids: undefined };
}
