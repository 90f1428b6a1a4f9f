// Mounts on places within earlier mounts, where other steps may be at work: a cache mount that is shared. Between two calls they may
// put a link to somewhere on the host where a folder was, so no path of more than one name is used there: each mount is made ready
// elsewhere, with all its options, and then moved onto a place that is held open.
import type { MountLine, MountPhase, MountPoint } from '../mount-table.ts';
import type { Address, Label, LaunchProgram } from './launch-program.ts';

const currentFolder = -100;
const closeOnExec = 0o2000000;
const pathOnly = 0o10000000 | closeOnExec;
const plainFile = 0o100000;
const move = 0x2000;
const emptyPath = 0x1000;
const [notThere, notFolder] = [-2, -20];
/** Of statx(2): what is asked for, and where it stands in the answer. */
const modeAlone = 2;
const modeOffset = 28;
/** Of a file system that hides nothing. */
const madeMode = 0o1777;

export interface GuardedMountOptions {
  /** A folder that nobody else sees. */
  staging: string;
  /** The first free descriptor of the process that mounts. */
  spare: number;
  /** `struct open_how`: no link on the way, not out of the current folder. */
  strictly: Address;
  path(path: string): Address;
  line(line: MountLine): void;
  enter(folder: string): void;
  /** Of a path on the host; undefined where it is not there, or not yet. */
  isDirectory(path: string): boolean | undefined;
}

/** @returns what adds a phase of which each line has its point at the same index. */
export function createGuardedMounts(
  program: LaunchProgram,
  options: GuardedMountOptions,
): (phase: MountPhase) => void {
  const { call, label, place, bytes } = program;
  const { staging, spare, strictly, path, line, enter } = options;
  const held = `/proc/self/fd/${spare}`;
  const pair = bytes(Buffer.alloc(8));
  const stage = (directory: boolean): string => `${staging}/${directory ? 'folder' : 'file'}`;

  const find = (name: string, on?: { result: number; to: Label }): void =>
    call('openat2', [currentFolder, path(name), strictly, 24], {
      ...{ what: name, into: program.argumentAhead(0) },
      ...(on && { on }),
    });

  /** Enters a folder of the current one, which is made where it is missing. */
  function enterNext(name: string): void {
    const [missing, entered] = [label(), label()];
    find(name, { result: notThere, to: missing });
    call('fchdir', [0], { what: name, on: { result: 0, to: entered } });
    place(missing);
    call('mkdirat', [currentFolder, path(name), 0o755], { failed: 'next' });
    find(name);
    call('fchdir', [0], { what: name });
    place(entered);
    call('close', [spare]);
  }

  /** Leaves the place open as `spare`. */
  function hold({ below, path: text }: MountPoint, directory: boolean): void {
    const parts = text.split('/').filter(Boolean);
    const last = parts.pop()!;
    enter(below);
    for (const name of parts) enterNext(name);
    if (directory) call('mkdirat', [currentFolder, path(last), 0o755], { failed: 'next' });
    else call('mknodat', [currentFolder, path(last), plainFile | 0o644, 0], { failed: 'next' });
    call('openat2', [currentFolder, path(last), strictly, 24], { what: text });
  }

  function settle(point: MountPoint, directory: boolean): void {
    hold(point, directory);
    const what = `mounting at ${point.path}`;
    call('mount', [path(stage(directory)), path(held), 0, move, 0], { what });
    call('close', [spare]);
  }

  function addBind(point: MountPoint, to: MountLine): void {
    const add = (directory: boolean): void => {
      line({ ...to, target: stage(directory) });
      settle(point, directory);
    };
    const known = options.isDirectory(to.source);
    if (known !== undefined) {
      add(known);
      return;
    }
    // What lies in a tree is not to be seen before that is mounted.
    const [file, folder, done] = [label(), label(), label()];
    call('openat', [currentFolder, path(to.source), pathOnly | program.machine.directory], {
      ...{ what: to.source, on: { result: notFolder, to: file }, into: program.argumentAhead(0) },
    });
    call('close', [0], { on: { result: 0, to: folder } });
    place(file);
    add(false);
    call('chdir', [path('/')], { on: { result: 0, to: done } });
    place(folder);
    add(true);
    place(done);
  }

  /** It gets the permission bits of what it hides, if it hides anything. */
  function addTmpfs(point: MountPoint, to: MountLine): void {
    const state = Buffer.alloc(256);
    state.writeUInt16LE(madeMode, modeOffset);
    const answer = bytes(state);
    const missing = label();
    enter(point.below);
    call('openat2', [currentFolder, path(point.path.slice(1)), strictly, 24], {
      ...{ what: point.path, on: { result: notThere, to: missing } },
    });
    call('statx', [spare, path(''), emptyPath, modeAlone, answer], { what: point.path });
    call('close', [spare]);
    place(missing);
    line({ ...to, target: stage(true) });
    // Two bytes of one answer become an argument by way of a pipe.
    call('pipe2', [pair, closeOnExec], { what: 'pipe2' });
    call('write', [spare + 1, { data: answer.data + modeOffset }, 2], { what: 'write' });
    call('read', [spare, program.argumentAhead(2, 2), 2], { what: 'read' });
    call('close', [spare]);
    call('close', [spare + 1]);
    call('fchmodat', [currentFolder, path(stage(true)), 0], { what: `chmod ${point.path}` });
    settle(point, true);
  }

  return ({ points, lines }) => {
    call('mkdirat', [currentFolder, path(stage(true)), 0o700], { failed: 'next' });
    call('mknodat', [currentFolder, path(stage(false)), plainFile | 0o600, 0], { failed: 'next' });
    for (const [index, to] of lines.entries()) {
      const point = points[index]!;
      if (to.type === 'tmpfs') addTmpfs(point, to);
      else addBind(point, to);
    }
  };
}
