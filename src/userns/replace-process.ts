// This process goes on as a launcher that runs one program: same process id, same descriptors, same terminal, so that signals and the
// exit code need nobody in between. By system calls through koffi.
import { readdirSync, readlinkSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launcherImage } from '../runtime/launcher/launcher-image.ts';
import type { Machine } from '../runtime/launcher/machines.ts';

/** Where the launcher reads its program. */
const control = 3;
const closeOnExec = 1;
const closeOnDuplicate = 0o2000000;
const [unixSocket, stream] = [1, 1 | 0o2000000];
const [duplicateAbove, setFlags] = [0, 2];
/** Node has all that it finds open up to here closed by an exec. */
const lastInherited = 15;
const emptyPath = 0x1000;
/** What surely fits into a socket that nobody reads yet. */
const longestProgram = 100_000;

export interface Descriptors {
  spare: number;
  kept: number | undefined;
}

/**
 * Does not return where it succeeds; where it does, nothing has changed. `makeProgram` is given the numbers of descriptors that it may use.
 */
export function replaceProcess(machine: Machine, makeProgram: (descriptors: Descriptors) => Buffer): void {
  let koffi: typeof import('koffi');
  try {
    koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  } catch {
    return;
  }
  const libc = koffi.load(null);
  const memfd = libc.func('int memfd_create(const char *name, unsigned int flags)');
  const socketpair = libc.func('int socketpair(int domain, int type, int protocol, _Out_ int *pair)');
  const fcntl = libc.func('int fcntl(int fd, int command, int argument)');
  const dup3 = libc.func('int dup3(int from, int to, int flags)');
  const close = libc.func('int close(int fd)');
  const execveat = libc.func(
    'intptr_t syscall(intptr_t number, intptr_t fd, const char *path, const char **argv, const char **env, intptr_t flags)',
  );

  const opened: number[] = [];
  const open = (fd: number): number => {
    if (fd >= 0) opened.push(fd);
    return fd;
  };
  const image = open(memfd('slipway-enter', closeOnExec) as number);
  const pair = [-1, -1];
  const paired = socketpair(unixSocket, stream, 0, pair) as number;
  if (paired === 0) pair.forEach(open);
  const isTaken = isFile(control);
  const above = 1 + Math.max(control, ...readdirSync('/proc/self/fd').map(Number));
  const kept = isTaken ? open(fcntl(control, duplicateAbove, above) as number) : undefined;
  const program = makeProgram({ spare: above + 1, kept });
  const ready = image >= 0 && paired === 0 && kept !== -1 && program.length <= longestProgram;
  if (ready) {
    writeSync(image, launcherImage(machine));
    writeSync(pair[0]!, program);
    const own = fcntl(control, duplicateAbove, above + 2) as number;
    const inherited = [0, 1, 2];
    for (let fd = control + 1; fd <= lastInherited; fd++)
      if (isFile(fd) && !opened.includes(fd)) inherited.push(fd);
    for (const fd of inherited) fcntl(fd, setFlags, 0);
    if (dup3(pair[1], control, 0) === control) {
      execveat(machine.calls.execveat, image, '', ['slipway-enter', null], [null], emptyPath);
      if (own >= 0) dup3(own, control, closeOnDuplicate);
    }
    if (own >= 0) close(own);
  }
  for (const fd of opened) close(fd);
}

/** What Node opens for itself are no files: those came from whoever started this. */
function isFile(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/');
  } catch {
    return false;
  }
}
