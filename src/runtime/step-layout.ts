// What a step has on the host: the folders in its scratch, the mount tables, the skeleton of /dev.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import type { StepSpec } from '../seams.ts';
import {
  allCapabilities,
  deviceLinks,
  deviceNodes,
  insecureDeviceNodes,
  maskedPaths,
} from './confinement.ts';
import { type DeviceTable, type MountPhase, type MountPlaces, renderMountTable } from './mount-table.ts';
import type { TabledPhase } from './step-script.ts';

export interface StepLayout extends MountPlaces {
  /** Where /dev is put together for a runtime that takes it from outside. */
  dev: string;
  /** A mount point for what the runtime keeps. */
  bundle: string;
  devices: DeviceTable;
  /** An empty file, to mount what the step's command reads on. */
  input: string;
  /** An empty file, to mount the way into a cgroup on. */
  entrance(index: number): string;
}

export interface DeviceNode {
  /** Relative to /dev. */
  name: string;
  block: boolean;
  /** As mknod(2) takes it. */
  device: number;
  mode: number;
}

const nodes = new Map<boolean, DeviceNode[]>();
const everybody = 0o666;

/** Those nodes that the host has; loop devices are for mounting what an insecure step makes. */
export function hostNodes(insecure: boolean): DeviceNode[] {
  const known = nodes.get(insecure);
  if (known) return known;
  const names = [...deviceNodes];
  if (insecure)
    names.push(...insecureDeviceNodes, ...readdirSync('/dev').filter((name) => /^loop\d+$/.test(name)));
  const found = names.flatMap((name) => {
    const stat = statSync(`/dev/${name}`, { throwIfNoEntry: false });
    const block = stat?.isBlockDevice() ?? false;
    // A plain file that something left there is not shown to a step.
    if (stat === undefined || !(block || stat.isCharacterDevice())) return [];
    const mode = deviceNodes.includes(name) ? everybody : stat.mode & 0o777;
    return [{ name, block, device: stat.rdev, mode }];
  });
  // Loop devices come and go.
  if (!insecure) nodes.set(insecure, found);
  return found;
}

/** Makes a folder that an earlier step may have left in the scratch. */
export function makeMountPoint(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Makes the folders that roots, and the step's nodes, are mounted at. */
export function makeRootFolders(step: StepSpec): MountPlaces & { nodes: string } {
  const at = (name: string): string => `${step.scratch}/${name}`;
  for (const name of ['rootfs', 'nodes']) makeMountPoint(at(name));
  for (const [index, mount] of step.mounts.entries()) if (mount.type === 'tree') mkdirSync(at(`t${index}`));
  return { rootfs: at('rootfs'), nodes: at('nodes'), tree: (index) => at(`t${index}`) };
}

/**
 * Makes the folders of a step in its scratch. Synchronous: some twenty small calls.
 * @param entrances how many cgroups are to be entered.
 */
export function makeStepLayout(step: StepSpec, entrances = 0): StepLayout {
  const at = (name: string): string => `${step.scratch}/${name}`;
  const skeleton = at('skeleton');
  for (const name of ['rootfs', 'dev', 'bundle', 'skeleton']) mkdirSync(at(name), { recursive: true });
  for (const name of ['mqueue', 'pts', 'shm']) mkdirSync(`${skeleton}/${name}`);
  // runc gives a tmpfs the mode of the directory below it.
  chmodSync(`${skeleton}/shm`, 0o1777);
  for (const [name, target] of Object.entries(deviceLinks)) symlinkSync(target, `${skeleton}/${name}`);
  const nodes = hostNodes(step.security === 'insecure');
  writeFileSync(at('null'), '');
  for (const { name } of nodes) {
    mkdirSync(dirname(`${skeleton}/${name}`), { recursive: true });
    writeFileSync(`${skeleton}/${name}`, '');
  }
  for (const [index, mount] of step.mounts.entries()) {
    if (mount.type === 'tree') mkdirSync(at(`t${index}`));
  }
  for (let index = 0; index < entrances; index++) writeFileSync(at(`cgroup${index}`), '');
  return {
    entrance: (index) => at(`cgroup${index}`),
    ...{ rootfs: at('rootfs'), dev: at('dev'), bundle: at('bundle'), devices: { skeleton, nodes } },
    ...{ input: at('null'), tree: (index) => at(`t${index}`) },
  };
}

/** Writes a table for each phase into the scratch. */
export function writeMountTables(scratch: string, phases: readonly MountPhase[]): TabledPhase[] {
  if (phases.some(({ images }) => images !== undefined)) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'layers that are mounted where they lie need the launcher', {
      hint: 'leave out --snapshotter=erofs: this machine, or a state folder on a mount with noexec, allows no launcher',
    });
  }
  return phases.map((phase, index) => {
    const table = `${scratch}/fstab-${index}`;
    writeFileSync(table, renderMountTable(phase.lines));
    return { phase, table };
  });
}

const kernelFolders = new Map<string, boolean | undefined>();

/** The same for what the kernel shows of itself, below /proc and /sys; looked at once. */
export function isKernelFolder(path: string): boolean | undefined {
  if (!kernelFolders.has(path)) kernelFolders.set(path, isDirectory(path));
  return kernelFolders.get(path);
}

/** Whether a path of the host is a directory; undefined where it is not there. */
export function isDirectory(path: string): boolean | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory();
}

/** Where cgroups are mounted on the host. */
export function cgroupMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) =>
      path.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
    );
}

export interface HostCgroup {
  /** Below /sys/fs/cgroup; empty where that is the one of version 2. */
  name: string;
  /** `cpu,cpuacct`, `name=systemd`. */
  controllers: string;
}

let cgroups: HostCgroup[] | undefined;

/** The cgroups that a container sees in their usual place: those of version 1, or the one of version 2. Looked at once. */
export function hostCgroups(): HostCgroup[] {
  cgroups ??= readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, path = '', type, options = ''] =
        /^(?:\S+ ){4}\/sys\/fs\/cgroup(\S*) .* - (cgroup2?) \S+ (\S+)$/.exec(line) ?? [];
      if (type === 'cgroup2') return path === '' ? [{ name: '', controllers: '' }] : [];
      const controllers = options.split(',').filter((option) => !['rw', 'ro', 'xattr'].includes(option));
      return type === 'cgroup' && /^\/[\w,]+$/.test(path)
        ? [{ name: path.slice(1), controllers: controllers.join(',') }]
        : [];
    });
  return cgroups;
}

/** Whether the kernel is asked to spare this process where memory runs out. */
export function isSpared(): boolean {
  spared ??= Number(readFileSync('/proc/self/oom_score_adj', 'utf8')) < 0;
  return spared;
}

let spared: boolean | undefined;

const processors = '/sys/devices/system/cpu';
let hidden: string[] | undefined;

/** What is hidden from a step on this machine. Looked at once. */
export function maskedHere(): string[] {
  hidden ??= [
    ...maskedPaths,
    ...(isDirectory(processors) ? readdirSync(processors) : [])
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => `${processors}/${name}/thermal_throttle`),
  ].filter((path) => isKernelFolder(path) !== undefined);
  return hidden;
}

/** The capabilities that this process may hand on. */
export function heldCapabilities(): string[] {
  held ??= readHeld();
  return held;
}

let held: string[] | undefined;

function readHeld(): string[] {
  const mask = /^CapPrm:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const bits = BigInt(`0x${mask}`);
  return allCapabilities.filter((_, number) => ((bits >> BigInt(number)) & 1n) === 1n);
}
