// The mounts that a step needs in its mount namespace, as tables for `mount -a -T FILE`. Pure.
import { posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { RootFilesystem, RootImage, StepMount } from '../seams.ts';
import { defaultShmSize } from './confinement.ts';

/** One line of fstab(5). */
export interface MountLine {
  source: string;
  target: string;
  type: string;
  options: string[];
  /** What gives the launcher the options that are no flags, where they are told later. */
  slot?: string;
  /** The launcher goes on where it can't be mounted. */
  optional?: boolean;
}

/** A path that must be there before the mounts: made where missing, refused where a component is a symbolic link. */
export interface MountPoint {
  /** The directory on the host from which on links are refused. */
  below: string;
  /** Clean and absolute, within `below`. */
  path: string;
  /** A host path: the point is made a directory or a file as that is. Undefined: a directory. */
  like: string | undefined;
}

/** Mounts of one `mount -a`: `cwd` is entered, sources are checked, points are made, then the table is mounted. */
export interface MountPhase {
  /** Where relative names of overlays start. */
  cwd: string;
  /** Paths that must hold no symbolic link, as they are about to be mounted elsewhere. */
  sources: { below: string; path: string }[];
  points: MountPoint[];
  lines: MountLine[];
  /** Host paths whose permission bits the mount upon them takes over. */
  keepModes: string[];
  /** Mounted on folders below `cwd` before the lines. */
  images?: RootImage[];
  /** Each line has its point at the same index, and that may lie in a mount that others write to. */
  guarded?: boolean;
}

export interface MountPlaces {
  /** Where the step's root is put together. */
  rootfs: string;
  /** Where the root of the mount with this index is put together. */
  tree(index: number): string;
}

export interface DeviceTable {
  /** The folder that becomes /dev: empty files to mount on, links. */
  skeleton: string;
  /** The host's nodes. */
  nodes: readonly { name: string }[];
}

const octal = (char: string): string => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;

/** fstab(5) text; blanks, backslashes and `#` are written in octal. */
export function renderMountTable(lines: readonly MountLine[]): string {
  const field = (text: string): string => text.replace(/[\s\\#]/g, octal);
  return lines
    .map((line) =>
      [line.source, line.target, line.type, line.options.join(',')].map(field).join(' ').concat(' 0 0\n'),
    )
    .join('');
}

function overlayName(name: string, forbidden: RegExp): string {
  if (!forbidden.test(name)) return name;
  throw new SlipwayError('ERR_RUNTIME', `an overlay can't be mounted from '${name}'`, {
    hint: 'Keep the state in a directory whose path has no comma, colon, quote or backslash (--root).',
  });
}

/** The line that mounts `root` at `target`, relative to the root's base. Without layers it is an empty directory. */
export function rootLine(root: RootFilesystem, target: string, flags: string[]): MountLine {
  const bind = (source: string, more: string[] = []): MountLine => ({
    ...{ source, target, type: 'none' },
    options: ['bind', ...more, ...flags],
  });
  if (root.type === 'directory') return bind(root.path);
  const { base, lowers, upper, work } = root;
  if (upper === undefined || work === undefined) {
    if (lowers.length === 0) {
      return { source: 'empty', target, type: 'tmpfs', options: ['ro', 'size=4k', 'mode=755', ...flags] };
    }
    if (lowers.length === 1) return bind(posix.resolve(base, lowers[0]!), ['ro']);
  } else if (lowers.length === 0) return bind(upper);

  const relative = (path: string): string => overlayName(posix.relative(base, path), /[,"\\]/);
  const options = [`lowerdir=${lowers.map((name) => overlayName(name, /[,:"\\]/)).join(':')}`];
  if (upper !== undefined && work !== undefined) {
    options.push(`upperdir=${relative(upper)}`, `workdir=${relative(work)}`);
  } else options.push('ro');
  return { source: 'overlay', target, type: 'overlay', options: [...options, ...root.options, ...flags] };
}

const emptyPhase = (cwd: string): MountPhase => ({ cwd, sources: [], points: [], lines: [], keepModes: [] });

/** Mounts the step's root and the roots of its 'tree' mounts: one phase for each base, the step's own first. */
export function rootPhases(
  step: { root: RootFilesystem; mounts: readonly StepMount[] },
  places: MountPlaces,
  flags: string[],
): MountPhase[] {
  const phases: MountPhase[] = [];
  const add = (root: RootFilesystem, target: string): MountPhase => {
    const cwd = root.type === 'overlay' ? root.base : '/';
    let phase = phases.find((each) => each.cwd === cwd);
    if (phase === undefined) {
      phase = emptyPhase(cwd);
      phases.push(phase);
    }
    phase.lines.push(rootLine(root, target, flags));
    // Roots share layers: a second mount would find the first one in its place.
    for (const image of (root.type === 'overlay' && root.images) || []) {
      phase.images ??= [];
      if (!phase.images.some(({ folder }) => folder === image.folder)) phase.images.push(image);
    }
    return phase;
  };
  add(step.root, places.rootfs);
  for (const [index, mount] of step.mounts.entries()) {
    if (mount.type === 'tree') add(mount.root, places.tree(index));
  }
  return phases;
}

/** Paths below tree roots that are mounted elsewhere; to be checked once the roots are mounted. */
export function treeSources(
  mounts: readonly StepMount[],
  places: MountPlaces,
): { below: string; path: string }[] {
  return mounts.flatMap((mount, index) =>
    mount.type === 'tree' ? [{ below: places.tree(index), path: mount.path }] : [],
  );
}

/** What is mounted in every step before its own mounts. */
const kernelMounts = ['/dev', '/proc', '/sys'];

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The host path that a bind or tree mount shows. */
export function mountSource(mount: StepMount, tree: string): string {
  if (mount.type === 'tree') return mount.path === '/' ? tree : tree + mount.path;
  return mount.type === 'bind' ? mount.source : 'tmpfs';
}

/**
 * The mounts of the step itself, host-side; a new phase begins where a target lies within what an earlier one mounts. The first
 * phase, of which none lies within another, may be empty.
 */
export function stepPhases(mounts: readonly StepMount[], places: MountPlaces, flags: string[]): MountPhase[] {
  let phase = emptyPhase('/');
  const phases = [phase];
  let above = kernelMounts;
  for (const [index, mount] of mounts.entries()) {
    if (above.some((folder) => isBelow(mount.target, folder))) {
      phase = { ...emptyPhase('/'), guarded: true };
      phases.push(phase);
      above = [];
    }
    above = [...above, mount.target];
    const source = mountSource(mount, places.tree(index));
    const target = places.rootfs + mount.target;
    const like = mount.type === 'tmpfs' ? undefined : source;
    phase.points.push({ below: places.rootfs, path: mount.target, like });
    if (mount.type === 'tmpfs') {
      const size = mount.size === undefined ? [] : [`size=${mount.size}`];
      phase.keepModes.push(target);
      // A name of its own: `mount -a` leaves out what seems to be mounted already.
      const line = { source: `tmpfs-${index}`, target, type: 'tmpfs' };
      phase.lines.push({ ...line, options: ['nosuid', 'mode=1777', ...size, ...flags] });
    } else {
      const options = ['bind', ...(mount.readonly ? ['ro'] : []), ...flags];
      phase.lines.push({ source, target, type: 'none', options });
    }
  }
  return phases;
}

/** The host's node, read-only: it can be used, and not changed (chmod). */
export const nodeLine = (name: string, target: string): MountLine => ({
  ...{ source: `/dev/${name}`, target, type: 'none' },
  options: ['bind', 'ro', 'nosuid', 'noexec'],
});

/** /dev of a step at `target`: the skeleton, with the host's nodes over its empty files. */
export function deviceLines(devices: DeviceTable, target: string, flags: string[]): MountLine[] {
  return [
    { source: devices.skeleton, target, type: 'none', options: ['bind', 'nosuid', ...flags] },
    ...devices.nodes.map(({ name }) => nodeLine(name, `${target}/${name}`)),
  ];
}

/**
 * /proc, /sys and what lies in /dev besides nodes. To be mounted within the step's pid and ipc namespaces.
 * @param options.terminalGroup whether there is a group 5. @param options.sysfs false: /sys is its caller's.
 * @param options.proc false: /proc is an empty folder.
 */
export function kernelLines(
  rootfs: string,
  options: {
    shmSize: number | undefined;
    writable: boolean;
    terminalGroup?: boolean;
    sysfs?: boolean;
    proc?: boolean | undefined;
  },
): MountLine[] {
  const line = (type: string, path: string, more: string[]): MountLine => ({
    ...{ source: type === 'tmpfs' ? 'shm' : `step-${type}`, target: rootfs + path, type },
    options: ['nosuid', 'noexec', ...more],
  });
  const { terminalGroup = true, sysfs = true, proc = true } = options;
  const group = terminalGroup ? ['gid=5'] : [];
  return [
    line('devpts', '/dev/pts', ['newinstance', 'ptmxmode=0666', 'mode=0620', ...group]),
    line('tmpfs', '/dev/shm', ['nodev', 'mode=1777', `size=${options.shmSize ?? defaultShmSize}`]),
    line('mqueue', '/dev/mqueue', ['nodev']),
    proc ? line('proc', '/proc', ['nodev']) : emptyFolder(rootfs, '/proc'),
    ...(sysfs ? [line('sysfs', '/sys', ['nodev', ...(options.writable ? [] : ['ro'])])] : []),
  ];
}

export const emptyFolder = (rootfs: string, path: string): MountLine => ({
  ...{ source: 'empty', target: rootfs + path, type: 'tmpfs' },
  options: ['ro', 'size=4k', 'mode=555', 'nosuid', 'nodev', 'noexec'],
});

/** Hides `masked` and makes `readonly` read-only; `isDirectory` tells of a path of the host, undefined where it is not there. */
export function confinementLines(
  rootfs: string,
  paths: { masked: readonly string[]; readonly: readonly string[] },
  isDirectory: (path: string) => boolean | undefined,
): MountLine[] {
  const lines: MountLine[] = [];
  for (const path of paths.masked) {
    const directory = isDirectory(path);
    if (directory === undefined) continue;
    const target = rootfs + path;
    lines.push(
      directory
        ? { source: 'masked', target, type: 'tmpfs', options: ['ro', 'size=4k', 'mode=755', 'nodev'] }
        : nodeLine('null', target),
    );
  }
  for (const path of paths.readonly) {
    if (isDirectory(path) === undefined) continue;
    const target = rootfs + path;
    lines.push({
      source: target,
      target,
      type: 'none',
      options: ['bind', 'ro', 'nosuid', 'nodev', 'noexec'],
    });
  }
  return lines;
}
