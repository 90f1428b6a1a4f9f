// A step as a program for the launcher: namespaces, mounts, the root, and what makes a process the step's command.
import { encodePath } from '../fs/path-bytes.ts';
import { type UserNamespace, userNamespace } from '../fs/user-namespace.ts';
import type { StepSpec } from '../seams.ts';
import { readonlyPaths } from './confinement.ts';
import { addDevices } from './launcher/device-calls.ts';
import { addHostSys } from './launcher/host-sys.ts';
import { addFrame, namespaces, pipeNumbers } from './launcher/launch-frame.ts';
import { createLaunchProgram, type LaunchProgram, type SlotValue } from './launcher/launch-program.ts';
import type { Machine } from './launcher/machines.ts';
import { createMountCalls, type MountCalls, splitOptions } from './launcher/mount-calls.ts';
import { holdProc } from './launcher/only-user.ts';
import { addEvenChances, addScope, addStepCalls, enterGroups, programPlaces } from './launcher/step-calls.ts';
import { lockedFlags } from './locked-flags.ts';
import {
  confinementLines,
  emptyFolder,
  kernelLines,
  type MountLine,
  type MountPhase,
  type MountPlaces,
  rootLine,
  rootPhases,
  stepPhases,
  treeSources,
} from './mount-table.ts';
import { hostCgroups, hostNodes, isDirectory, isKernelFolder, isSpared, maskedHere } from './step-layout.ts';

const currentFolder = -100;
const detach = 2;
const move = 0x2000;
const remountBind = 0x20 | 0x1000;
const [readonly, noDevices] = [1, 4];

export interface SandboxProgram {
  program: LaunchProgram;
  /** Which of its calls are attempts to start the command. */
  attempts: ReadonlySet<number>;
}

export interface SandboxProgramOptions {
  machine: Machine;
  /** `nodes`: a folder to make the step's nodes in. */
  places: MountPlaces & { nodes: string };
  builder: number;
  hasInput: boolean;
  tellStart: boolean;
  held: readonly string[];
  filter: Buffer | undefined;
  /** As of addStepCalls. */
  only?: { filter: Buffer | undefined } | undefined;
  /** Files by which the step enters its cgroups. */
  entrances: readonly string[];
  /** False: the step has none, as none can be mounted. */
  proc?: boolean | undefined;
}

/** The first line mounts the root: what it is made of differs from step to step. */
const slotted = (line: MountLine, index: number): MountLine =>
  index === 0 && line.type === 'overlay' ? { ...line, slot: 'root' } : line;

/** What differs between the programs of steps that are alike (`likeness`). */
export function sandboxValues({ root, process: { argv, env } }: StepSpec): Record<string, SlotValue> {
  const { type, options } = rootLine(root, '', []);
  return { argv, env, ...(type === 'overlay' && { root: encodePath(splitOptions(options).data) }) };
}

/**
 * Steps of which this is equal have the same program, but for its values: putting one together takes as long as a third of a small
 * step. Undefined for those that look at more of the machine than stays the same.
 */
export function likeness(step: StepSpec, options: SandboxProgramOptions): string | undefined {
  const { root, process: command, mounts, security, ...rest } = step;
  if (security === 'insecure' || mounts.some(({ type }) => type === 'tree')) return undefined;
  if (root.type === 'overlay' && root.images !== undefined && root.images.length > 0) return undefined;
  const { argv: _, env: __, ...identity } = command;
  const line = rootLine(root, '', []);
  const base = root.type === 'overlay' ? root.base : '';
  const rootMount = line.type === 'overlay' ? [base, splitOptions(line.options).flags] : [base, line];
  const kinds = mounts.map((mount) => mount.type === 'bind' && isDirectory(mount.source));
  const { hasInput, tellStart, entrances, places, proc } = options;
  const rootfs = [places.rootfs, hasInput, tellStart, entrances, proc];
  return JSON.stringify([rootMount, identity, programPlaces(command), mounts, kinds, rest, rootfs]);
}

const emptyPhase = (): MountPhase => ({ cwd: '/', sources: [], points: [], lines: [], keepModes: [] });

function addMounts(
  program: LaunchProgram,
  step: StepSpec,
  at: {
    mounts: MountCalls;
    places: SandboxProgramOptions['places'];
    namespace: UserNamespace | undefined;
    proc: boolean;
  },
): void {
  const { mounts, places, namespace, proc } = at;
  const { rootfs } = places;
  const insecure = step.security === 'insecure';
  const flags = insecure ? [] : ['nodev'];
  mounts.makePrivate();
  const [first, ...others] = rootPhases(step, places, flags);
  for (const phase of [{ ...first!, lines: first!.lines.map(slotted) }, ...others]) mounts.add(phase);
  mounts.add({
    ...emptyPhase(),
    sources: treeSources(step.mounts, places),
    points: ['/dev', '/proc', '/sys'].map((path) => ({ below: rootfs, path, like: undefined })),
  });
  const nodes = hostNodes(insecure);
  addDevices(program, mounts, { folder: `${rootfs}/dev`, store: places.nodes, nodes, flags });
  // The kernel shows the one that is a network's own where it shows a /proc.
  const sysfs = namespace === undefined || (step.network === 'none' && proc);
  const kernel = kernelLines(rootfs, {
    ...{ shmSize: step.shmSize, writable: insecure, sysfs, proc },
    terminalGroup: namespace?.kind !== 'single',
  });
  for (const line of kernel) mounts.line(line);
  const shown = ['/proc', '/sys'].filter((path) => proc || (path === '/sys' && step.network !== 'none'));
  if (!shown.includes('/sys')) mounts.line(emptyFolder(rootfs, '/sys'));
  else {
    if (!sysfs) addHostSys(program, mounts, `${rootfs}/sys`);
    // A container around us may have hidden them.
    const optional = namespace !== undefined;
    addCgroups(program, mounts, {
      ...{ target: `${rootfs}/sys/fs/cgroup`, flags: insecure ? [] : ['ro'], optional },
    });
  }
  const isShown = (path: string): boolean => shown.some((folder) => path.startsWith(`${folder}/`));
  const hidden = { masked: maskedHere().filter(isShown), readonly: readonlyPaths.filter(isShown) };
  if (!insecure) for (const line of confinementLines(rootfs, hidden, isKernelFolder)) mounts.line(line);
  for (const phase of stepPhases(step.mounts, places, flags)) mounts.add(phase);
}

/** What the cgroup namespace shows, where programs look for their limits. */
function addCgroups(
  { call }: LaunchProgram,
  mounts: MountCalls,
  { target, flags, optional }: { target: string; flags: readonly string[]; optional: boolean },
): void {
  const groups = hostCgroups();
  const quiet = ['nosuid', 'noexec', 'nodev'];
  const [first] = groups;
  if (first === undefined) return;
  if (first.name === '') {
    mounts.line({ source: 'cgroup', target, type: 'cgroup2', options: [...quiet, ...flags], optional });
    return;
  }
  mounts.line({ source: 'cgroups', target, type: 'tmpfs', options: [...quiet, 'mode=755'] });
  for (const { name, controllers } of groups) {
    const at = `${target}/${name}`;
    call('mkdirat', [currentFolder, mounts.path(at), 0o755], { what: `making ${at}` });
    mounts.line({
      source: 'cgroup',
      target: at,
      type: 'cgroup',
      options: [...quiet, ...flags, controllers],
      optional,
    });
  }
  if (flags.length > 0)
    mounts.line({
      source: 'cgroups',
      target,
      type: 'none',
      options: ['remount', 'bind', ...quiet, ...flags],
    });
}

/** Makes `rootfs` the root, and unmounts all that was there before. */
function addRoot(program: LaunchProgram, rootfs: string, mounts: MountCalls): void {
  const { call, label, place } = program;
  const [impossible, there] = [label(), label()];
  const here = mounts.path('.');
  const root = mounts.path('/');
  mounts.enter(rootfs);
  call('pivot_root', [here, here], { failed: impossible });
  call('umount2', [here, detach], { what: 'leaving the root of the host' });
  call('chdir', [root], { on: { result: 0, to: there }, what: 'entering the root' });
  // The first root of a system can't be left: it is covered, and was private before.
  place(impossible);
  call('mount', [here, root, 0, move, 0], { what: 'moving the root' });
  call('chroot', [here], { what: 'entering the root' });
  call('chdir', [root], { what: 'entering the root' });
  place(there);
}

/** A flag that is up, for an interface, in the form of SIOCSIFFLAGS. */
export function addLoopback({ call, bytes, argumentAhead }: LaunchProgram): void {
  const request = Buffer.alloc(40);
  request.write('lo');
  request.writeUInt16LE(1, 16);
  call('socket', [2, 0o2000002, 0], { what: 'setting up lo', into: argumentAhead(0) });
  call('ioctl', [0, 0x8914, bytes(request)], { what: 'setting up lo' });
}

export function createSandboxProgram(step: StepSpec, options: SandboxProgramOptions): SandboxProgram {
  const { machine, places, builder, hasInput, entrances, proc = true } = options;
  const program = createLaunchProgram(machine);
  const { call } = program;
  const numbers = pipeNumbers(hasInput);
  const namespace = userNamespace();
  const mounts = createMountCalls(program, {
    spare: numbers.free + entrances.length,
    isDirectory,
    ...{ scratch: step.scratch, staging: places.nodes },
    locked: namespace && lockedFlags,
  });
  const network = step.network === 'none' ? namespaces.network : 0;
  const { mount, uts, ipc, pid } = namespaces;
  let attempts: ReadonlySet<number> = new Set();
  addFrame(program, {
    ...{ builder, hasInput, initFlags: pid, insideFlags: pid | mount | uts | ipc | network },
    inside(failed) {
      call('umask', [0o022]);
      addEvenChances(program, mounts, isSpared());
      enterGroups(program, mounts, entrances);
      // One that enters a group sees that as the root of all, and makes the namespace there.
      call('unshare', [namespaces.cgroup], { what: 'making a cgroup namespace' });
      addMounts(program, step, { mounts, places, namespace, proc });
      const hostname = Buffer.from(step.hostname);
      call('sethostname', [program.bytes(hostname), hostname.length], { what: 'setting the host name' });
      if (network !== 0) addLoopback(program);
      if (!proc) holdProc(program, mounts);
      addRoot(program, places.rootfs, mounts);
      if (step.readonly) {
        const flags = remountBind | readonly | (step.security === 'insecure' ? 0 : noDevices);
        call('mount', [0, mounts.path('/'), 0, flags, 0], { what: 'protecting the root' });
      }
      addScope(program, step);
      attempts = addStepCalls(program, step, { ...options, numbers, mounts, failed });
    },
  });
  return { program, attempts };
}
