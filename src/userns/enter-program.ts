// A program for the launcher that puts the process it runs in into a user namespace, and has it become another program there.
//
// Who has just left a namespace may write no map of several ids: helpers, forked before, wait until it is done, and do it by the
// setuid programs newuidmap and newgidmap, or by themselves as root. What they can't write is mapped to the user alone.
import { createLaunchProgram, type LaunchProgram, type Word } from '../runtime/launcher/launch-program.ts';
import type { Machine } from '../runtime/launcher/machines.ts';

const currentFolder = -100;
const closeOnExec = 0o2000000;
const [readWrite, writeOnly] = [2, 1];
const semaphore = 1;
const newUserNamespace = 0x10000000;
const childSignal = 17;
const deathSignal = 1;
const terminate = 15;
/** Where the launcher reads its program. */
const control = 3;

/** How a map is written. */
export type MapWriter = { argv: readonly string[] } | { file: string; text: string };

export interface EnterOptions {
  machine: Machine;
  /** On the outside. */
  uid: number;
  gid: number;
  /** Who writes maps of several ids. */
  writers: readonly MapWriter[];
  /** A descriptor number that is free. */
  spare: number;
  /** A copy of the descriptor that was where the program comes from; undefined: there was none. */
  kept: number | undefined;
  /** Ends when its parent does. */
  dependent: boolean;
  /** What runs then: within the namespace with the first mark among its variables, where there can be none with the second. */
  exec: {
    path: string | Buffer;
    argv: readonly Buffer[];
    env: readonly Buffer[];
    marks: { inside: string; outside: string };
  };
}

const counter = (value: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
};

function writeFile({ call, text, argumentAhead }: LaunchProgram, file: string, content: string): void {
  const failed = 'next' as const;
  call('openat', [currentFolder, text(file), writeOnly | closeOnExec], { into: argumentAhead(0), failed });
  call('write', [-1, text(content), content.length], { failed });
}

/** Waits until the namespace is there. What it prints would be of no use to the user: what came of it shows in the maps. */
function addWriter(program: LaunchProgram, writer: MapWriter, spare: number): void {
  const { call, text, words, bytes, argumentAhead } = program;
  const failed = 'next' as const;
  call('read', [spare, bytes(counter(0)), 8], { failed });
  if ('file' in writer) writeFile(program, writer.file, writer.text);
  else {
    call('openat', [currentFolder, text('/dev/null'), readWrite], { into: argumentAhead(0), failed });
    for (const to of [1, 2]) call('dup3', [to === 1 ? -1 : 1, to, 0], { failed });
    const argv = words([...writer.argv.map((each) => text(each)), 0]);
    call('execve', [text(writer.argv[0]!), argv, words([0])], { failed });
  }
  call('exit_group', [1], { failed });
}

function addExec(program: LaunchProgram, mark: string, { exec, kept }: EnterOptions): void {
  const { call, text, words } = program;
  const failed = 'next' as const;
  if (kept === undefined) call('fcntl', [control, 2, 1], { failed });
  else {
    call('dup3', [kept, control, 0], { failed });
    call('close', [kept], { failed });
  }
  const list = (values: readonly (string | Buffer)[]): Word =>
    words([...values.map((value) => text(value)), 0]);
  call('execve', [text(exec.path), list(exec.argv), list([...exec.env, mark])], { failed });
  call('exit_group', [127], { failed });
}

export function createEnterProgram(options: EnterOptions): Buffer {
  const program = createLaunchProgram(options.machine);
  const { call, label, place, bytes, argumentAhead } = program;
  const { writers, spare, uid, gid, exec } = options;
  const failed = 'next' as const;
  const [refused, ...starts] = [label(), ...writers.map(label)];

  const release = (): void => {
    call('write', [spare, bytes(counter(writers.length)), 8], { failed });
    for (const _ of writers) call('wait4', [-1, 0, 0, 0], { failed });
  };

  if (writers.length > 0) {
    call('eventfd2', [0, semaphore | closeOnExec], { into: argumentAhead(0), failed });
    call('dup3', [-1, spare, closeOnExec], { failed });
  }
  for (const start of starts) call('clone', [childSignal], { on: { result: 0, to: start }, failed });
  call('unshare', [newUserNamespace], { failed: refused! });
  if (options.dependent) call('prctl', [deathSignal, terminate], { failed });
  release();
  // Refused where there is a map by now.
  writeFile(program, '/proc/self/setgroups', 'deny');
  writeFile(program, '/proc/self/gid_map', `0 ${gid} 1\n`);
  writeFile(program, '/proc/self/uid_map', `0 ${uid} 1\n`);
  addExec(program, exec.marks.inside, options);

  place(refused!);
  release();
  addExec(program, exec.marks.outside, options);

  for (const [index, start] of starts.entries()) {
    place(start);
    addWriter(program, writers[index]!, spare);
  }
  return program.finish();
}
