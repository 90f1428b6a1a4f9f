// What makes a prepared process the command of a step: folder, limits, streams, capabilities, user, exec.

import type { StepSpec } from '../../seams.ts';
import { allCapabilities, defaultCapabilities } from '../confinement.ts';
import { limitOf, noFilter } from '../set-up-hint.ts';
import { cannotEnter } from '../step-script.ts';
import { control, messages, type PipeNumbers, tell } from './launch-frame.ts';
import type { Label, LaunchProgram } from './launch-program.ts';
import { programBase } from './machines.ts';
import type { MountCalls } from './mount-calls.ts';
import { addListener, addOnlyUser } from './only-user.ts';

const currentFolder = -100;
const writeOnly = 0o1 | 0o2000000;
const unknownFormat = -8;
const dropFromBounding = 24;
/** EINVAL, for capabilities beyond the kernel's last. */
const unknown = -22;
const capabilityVersion = 0x20080522;
/** More than there are: newer kernels have capabilities that this code does not know. */
const capabilityLimit = 64;

/** Names of limits in the order of their numbers. */
const limitNames = [
  ...['cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile', 'memlock', 'as', 'locks'],
  ...['sigpending', 'msgqueue', 'nice', 'rtprio', 'rttime'],
];

const int32 = (...values: number[]): Buffer => {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value >>> 0, index * 4);
  return buffer;
};

function addLimits({ call, bytes }: LaunchProgram, step: StepSpec): void {
  const value = (limit: number): bigint =>
    limit < 0 || !Number.isSafeInteger(limit) ? 2n ** 64n - 1n : BigInt(limit);
  for (const { name, soft, hard } of step.ulimits) {
    const limit = Buffer.alloc(16);
    limit.writeBigUInt64LE(value(soft), 0);
    limit.writeBigUInt64LE(value(hard), 8);
    const what = `${limitOf}${name}=${soft}:${hard}`;
    call('prlimit64', [0, limitNames.indexOf(name.toLowerCase()), bytes(limit), 0], { what });
  }
}

function addFolder({ call, label, place }: LaunchProgram, cwd: string, mounts: MountCalls): void {
  const [missing, there] = [label(), label()];
  const what = `entering ${cwd}`;
  call('chdir', [mounts.path(cwd)], { on: { result: 0, to: there }, failed: missing });
  place(missing);
  mounts.makeFolders(cwd);
  call('chdir', [mounts.path(cwd)], { what });
  place(there);
}

/** Has the process enter the groups that `entrances` are of. */
export function enterGroups(
  { call, bytes, argumentAhead }: LaunchProgram,
  mounts: MountCalls,
  entrances: readonly string[],
): void {
  for (const path of entrances) {
    const what = `${cannotEnter}: ${path}`;
    call('openat', [currentFolder, mounts.path(path), writeOnly], { what, into: argumentAhead(0) });
    call('write', [0, bytes(Buffer.from('0')), 1], { what });
  }
}

/** LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, LANDLOCK_SCOPE_SIGNAL. */
const scopes = { sockets: 1, signals: 2 };

/** struct landlock_ruleset_attr: no rules for files and ports. */
function scopeRuleset(scope: number): Buffer {
  const ruleset = Buffer.alloc(24);
  ruleset.writeUInt32LE(scope, 16);
  return ruleset;
}

/**
 * In the host's network its abstract sockets, which no mount hides, are in reach: where the kernel can (Linux 6.12), they are only
 * to processes that are in reach of the step, too.
 * @param alone the step has process ids of its own: else it can also send signals to others.
 */
export function addScope(
  { call, bytes, label, place, argumentAhead }: LaunchProgram,
  step: StepSpec,
  alone = true,
): void {
  const scope = (step.network === 'none' ? 0 : scopes.sockets) | (alone ? 0 : scopes.signals);
  if (scope === 0 || step.security === 'insecure') return;
  const without = label();
  const ruleset = bytes(scopeRuleset(scope));
  call('landlock_create_ruleset', [ruleset, 24, 0], { failed: without, into: argumentAhead(0) });
  call('landlock_restrict_self', [0, 0], { failed: 'next' });
  place(without);
}

/** What the kernel is asked to spare this process from (`oom_score_adj`) is not handed on; what it is to end first, is. */
export function addEvenChances(
  { call, bytes, argumentAhead }: LaunchProgram,
  mounts: MountCalls,
  spared: boolean,
): void {
  if (!spared) return;
  const what = 'setting oom_score_adj';
  call('openat', [currentFolder, mounts.path('/proc/self/oom_score_adj'), writeOnly], {
    ...{ what, into: argumentAhead(0) },
  });
  call('write', [0, bytes(Buffer.from('0')), 1], { what });
}

/** Only pipes are owned by whoever may open them again: /dev/stdout. @param uid undefined: there is but one user */
export function addStreams(
  { call }: LaunchProgram,
  { stdin, stdout, stderr }: PipeNumbers,
  uid: number | undefined,
): void {
  const streams = [...(stdin ? [{ from: stdin.read, to: 0 }] : []), { from: stdout.write, to: 1 }];
  for (const { from, to } of [...streams, { from: stderr.write, to: 2 }]) {
    if (uid !== undefined && uid !== 0)
      call('fchown', [from, uid, -1], { what: 'giving a stream to the user' });
    call('dup3', [from, to, 0], { what: 'dup3' });
  }
}

/** The filter comes while the process may still set one, capabilities go with the user and the exec. */
function addPrivileges(
  program: LaunchProgram,
  step: StepSpec,
  given: Pick<StepCallOptions, 'held' | 'filter' | 'kept' | 'only' | 'mounts' | 'proc'>,
): void {
  const { call, bytes, label, place } = program;
  const { uid, gid, groups } = step.process;
  const kept = given.kept ?? defaultCapabilities;
  if (given.only && (uid !== 0 || gid !== 0))
    addOnlyUser(program, given.mounts, { uid, gid, proc: given.proc });
  if (step.security !== 'insecure') {
    const all = label();
    for (let number = 0; number < capabilityLimit; number++) {
      const name = allCapabilities[number];
      if (name !== undefined && kept.includes(name)) continue;
      const what = `giving up capability ${name ?? number}`;
      call('prctl', [dropFromBounding, number], { what, on: { result: unknown, to: all } });
    }
    place(all);
  }
  const masks = [0, 0];
  for (const name of given.held) {
    const number = allCapabilities.indexOf(name);
    masks[number >> 5]! |= 1 << (number & 31);
  }
  const [low, high] = masks as [number, number];
  call('capset', [bytes(int32(capabilityVersion, 0)), bytes(int32(low, low, 0, high, high, 0))], {
    what: 'setting capabilities',
  });
  if (given.only?.filter && uid === 0) addListener(program, given.only.filter);
  if (given.filter !== undefined) {
    // struct sock_fprog: the number of instructions, and where they are.
    const header = program.words([given.filter.length / 8, bytes(given.filter)]);
    call('seccomp', [1, 0, header], { what: noFilter });
  }
  if (!given.only) call('setgroups', [groups.length, bytes(int32(...groups))], { what: 'setting groups' });
  call('setresgid', [gid, gid, gid], { what: 'setting the group' });
  call('setresuid', [uid, uid, uid], { what: 'setting the user' });
}

/** Where a program may lie, in the order in which it is looked for. */
export function programPlaces({ argv, env }: StepSpec['process']): string[] {
  const name = argv[0] ?? '';
  if (name.includes('/')) return [name];
  const path = env.find((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return name === '' || path === '' ? [] : path.split(':').map((folder) => `${folder || '.'}/${name}`);
}

/** Returns which calls of the program are the attempts to start the command; they report each failure. */
function addExec(program: LaunchProgram, step: StepSpec, failed: Label): Set<number> {
  const { call, text, label, place } = program;
  const [args, variables] = [{ slot: 'argv' }, { slot: 'env' }] as const;
  const attempts = new Set<number>();
  const odd = label();
  for (const path of programPlaces(step.process)) {
    attempts.add(program.length);
    call('execve', [text(path), args, variables], {
      ...{ on: { result: unknownFormat, to: odd }, failed: 'next' },
    });
    call('write', [control, programBase + 8, 16], { failed: 'next' });
  }
  call('exit_group', [127], { failed });
  place(odd);
  tell(program, messages.format);
  call('exit_group', [126], { failed });
  return attempts;
}

export interface StepCallOptions {
  numbers: PipeNumbers;
  mounts: MountCalls;
  held: readonly string[];
  /** Instructions of a seccomp filter. */
  filter: Buffer | undefined;
  /** Capabilities that a program of root's can have; left out: the usual ones. */
  kept?: readonly string[] | undefined;
  tellStart: boolean;
  /** There is one id alone. `filter`: has the builder asked of files that root gives to somebody. */
  only?: { filter: Buffer | undefined } | undefined;
  /** False: the step has no /proc. */
  proc?: boolean | undefined;
  failed: Label;
}

/** From the step's root as the process's own to the exec; `argv` and `env` are values of the program. Returns which calls are the attempts to start the command. */
export function addStepCalls(program: LaunchProgram, step: StepSpec, options: StepCallOptions): Set<number> {
  addFolder(program, step.process.cwd, options.mounts);
  addLimits(program, step);
  const { only } = options;
  addStreams(program, options.numbers, only ? undefined : step.process.uid);
  if (options.tellStart) tell(program, messages.ready);
  addPrivileges(program, step, options);
  return addExec(program, step, options.failed);
}
