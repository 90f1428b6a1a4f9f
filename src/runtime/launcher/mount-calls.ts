// Mount tables as system calls.
import { encodePath } from '../../fs/path-bytes.ts';
import type { MountLine, MountPhase, MountPoint } from '../mount-table.ts';
import { createGuardedMounts } from './guarded-mounts.ts';
import { addImages } from './image-calls.ts';
import type { Address, Label, LaunchProgram } from './launch-program.ts';

const currentFolder = -100;
const bind = 0x1000;
const remount = 0x20;
const recursivelyPrivate = 0x4000 | 0x40000;
const flagOf: Readonly<Record<string, number>> = {
  ...{ ro: 1, nosuid: 2, nodev: 4, noexec: 8, remount, bind },
};
/** No link on the way, and not out of the current folder. */
const strict = 0x4 | 0x8;
const closeOnExec = 0o2000000;
const pathOnly = 0o10000000 | closeOnExec;
const plainFile = 0o100000;
/** Of statx(2): what is asked for, and where it stands in the answer. */
const modeAlone = 2;
const modeOffset = 28;
/** Of a file system that hides nothing. */
const madeMode = 0o1777;
const notThere = -2;
const notFolder = -20;

export interface MountCalls {
  /** What is mounted here does not show elsewhere. */
  makePrivate(): void;
  add(phase: MountPhase): void;
  line(line: MountLine): void;
  /** A path on the host. */
  path(path: string): Address;
  enter(folder: string): void;
  /** Makes a folder that is missing, with those above it; over links where they lead within the process's root. */
  makeFolders(path: string): void;
}

export interface MountCallOptions {
  /** A folder of the step's own, for links to loop devices. */
  scratch: string;
  /** A folder that the step's processes alone see, from the first guarded phase on. */
  staging: string;
  /** The first free descriptor of the process that mounts. */
  spare: number;
  /** Of a path on the host; undefined where it is not there. */
  isDirectory(path: string): boolean | undefined;
  /** Options that a bind of this path has to keep. */
  locked?: ((path: string) => readonly string[]) | undefined;
}

/** Flags of mount(2), and what it takes as text. */
export function splitOptions(options: readonly string[]): { flags: number; data: string } {
  let flags = 0;
  const data: string[] = [];
  for (const option of options) {
    const flag = flagOf[option];
    if (flag === undefined) data.push(option);
    else flags |= flag;
  }
  return { flags, data: data.join(',') };
}

export function createMountCalls(program: LaunchProgram, options: MountCallOptions): MountCalls {
  const { call, label, place, bytes } = program;
  const path = (text: string): Address => program.text(encodePath(text));
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(pathOnly), 0);
  how.writeBigUInt64LE(BigInt(strict), 16);
  const strictly = bytes(how);
  const pair = bytes(Buffer.alloc(8));
  const enter = (folder: string): void => call('chdir', [path(folder)], { what: folder });
  const relative = (text: string): Address => path(text.slice(1) || '.');

  function line({ source, target, type, options: given, slot, optional }: MountLine): void {
    const { flags, data } = splitOptions(given);
    const what = flags & bind ? `mounting ${source} at ${target}` : `mounting ${type} at ${target}`;
    const rest = flags & ~bind;
    if (flags & bind && !(flags & remount)) call('mount', [path(source), path(target), 0, bind, 0], { what });
    if (!(flags & bind)) {
      const text = slot !== undefined ? { slot } : data !== '' ? path(data) : 0;
      const failed = optional ? ({ failed: 'next' } as const) : {};
      call('mount', [path(source), path(target), path(type), flags, text], { what, ...failed });
    } else if (rest !== 0) {
      const { flags: locked } = splitOptions(options.locked?.(source) ?? []);
      call('mount', [0, path(target), 0, remount | bind | rest | locked, 0], { what });
    }
  }

  /** Looks for a path below the current folder. */
  function look(text: string, to: { found?: Label; missing?: Label } = {}): void {
    call('openat2', [currentFolder, relative(text), strictly, 24], {
      ...{ what: text, into: program.argumentAhead(0) },
      ...(to.missing && { on: { result: notThere, to: to.missing } }),
    });
    call('close', [0], to.found && { on: { result: 0, to: to.found } });
  }

  /** Makes what is missing of a path below the current folder, at its end a directory or a file. */
  function make(text: string, directory: boolean): void {
    const parts = text.split('/').filter(Boolean);
    const [missing, there] = [label(), label()];
    look(text, { found: there, missing });
    place(missing);
    for (let count = 1; count <= parts.length; count++) {
      const prefix = `/${parts.slice(0, count).join('/')}`;
      const [absent, next] = [label(), label()];
      look(prefix, { found: next, missing: absent });
      place(absent);
      const what = `making ${prefix}`;
      if (count < parts.length || directory)
        call('mkdirat', [currentFolder, relative(prefix), 0o755], { what });
      else call('mknodat', [currentFolder, relative(prefix), plainFile | 0o644, 0], { what });
      place(next);
    }
    place(there);
  }

  function point({ below, path: text, like }: MountPoint): void {
    enter(below);
    const directory = like === undefined ? true : options.isDirectory(like);
    if (like === undefined || directory !== undefined) {
      make(text, directory ?? true);
      return;
    }
    // What lies in a tree is not to be seen before that is mounted.
    const [file, folder, done] = [label(), label(), label()];
    call('openat', [currentFolder, path(like), pathOnly | program.machine.directory], {
      ...{ what: like, on: { result: notFolder, to: file }, into: program.argumentAhead(0) },
    });
    call('close', [0], { on: { result: 0, to: folder } });
    place(file);
    make(text, false);
    call('chdir', [path('/')], { on: { result: 0, to: done } });
    place(folder);
    make(text, true);
    place(done);
  }

  /** Gives the permission bits of what is hidden, if anything is, to what `mount` puts there. */
  function keepModes(paths: readonly string[], mount: () => void): void {
    const states = paths.map(() => {
      const state = Buffer.alloc(256);
      state.writeUInt16LE(madeMode, modeOffset);
      return bytes(state);
    });
    for (const [index, target] of paths.entries())
      call('statx', [currentFolder, path(target), 0, modeAlone, states[index]!], { failed: 'next' });
    mount();
    for (const [index, target] of paths.entries()) {
      // Two bytes of one answer become an argument by way of a pipe.
      call('pipe2', [pair, closeOnExec], { what: 'pipe2' });
      call('write', [options.spare + 1, { data: states[index]!.data + modeOffset }, 2], { what: 'write' });
      call('read', [options.spare, program.argumentAhead(2, 2), 2], { what: 'read' });
      call('close', [options.spare]);
      call('close', [options.spare + 1]);
      call('fchmodat', [currentFolder, path(target), 0], { what: `chmod ${target}` });
    }
  }

  const { staging, spare, isDirectory } = options;
  const addGuarded = createGuardedMounts(program, {
    ...{ staging, spare, strictly, path, line, enter, isDirectory },
  });

  return {
    path,
    makePrivate: () =>
      call('mount', [0, path('/'), 0, recursivelyPrivate, 0], { what: 'making mounts private' }),
    line,
    enter,
    makeFolders(text) {
      const parts = text.split('/').filter(Boolean);
      for (let count = 1; count <= parts.length; count++) {
        const prefix = `/${parts.slice(0, count).join('/')}`;
        call('mkdirat', [currentFolder, path(prefix), 0o755], { failed: 'next' });
      }
    },
    add(phase) {
      if (phase.guarded) {
        addGuarded(phase);
        return;
      }
      for (const { below, path: text } of phase.sources) {
        enter(below);
        look(text);
      }
      keepModes(phase.keepModes, () => {
        for (const each of phase.points) point(each);
        enter(phase.cwd);
        if (phase.images) addImages(program, phase.images, { ...options, cwd: phase.cwd });
        phase.lines.forEach(line);
      });
    },
  };
}
