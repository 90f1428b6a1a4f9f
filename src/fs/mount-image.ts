// Mounts file system images where nobody else sees them: a mount that lies in no folder, that a descriptor leads to, and that
// is gone with this process. By system calls through koffi; Linux 6.12 mounts images that are plain files, others loop devices.
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { attachLoop, hasLoopDevices, type Ioctl } from './loop-device.ts';

export interface ImageMounter {
  /**
   * @param devices files that hold the content of an EROFS image's files.
   * @returns a path to the files, good for every process that sees this one's in /proc.
   * @throws with the system's `code`.
   */
  mount(image: string, devices: readonly string[]): string;
  /** Unmounts all that nobody uses any more. */
  close(): void;
}

/** Numbers of system calls that are the same on every architecture. */
const calls = { fsopen: 430, fsconfig: 431, fsmount: 432 };
const closeOnExec = 1;
const setFlag = 0;
const setString = 1;
const create = 6;
/** Read-only, no setuid programs, no devices. */
const attributes = 0x1 | 0x2 | 0x4;

interface Calls {
  fsopen(type: string): number;
  fsconfig(context: number, command: number, key: string | null, value: string | null): number;
  fsmount(context: number): number;
  ioctl: Ioctl;
}

/** What is mounted: the files themselves, or loop devices over them. */
export type MountForm = 'file' | 'loop';

/** Undefined where koffi is not installed or does not know this machine, or where there are no loop devices for it. */
export function createImageMounter(form: MountForm = 'file'): ImageMounter | undefined {
  if (process.platform !== 'linux' || (form === 'loop' && !hasLoopDevices())) return undefined;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const libc = koffi.load(null);
    const fsopen = libc.func('intptr_t syscall(intptr_t number, const char *type, intptr_t flags)');
    const fsconfig = libc.func(
      'intptr_t syscall(intptr_t number, intptr_t context, intptr_t command, const char *key, const char *value, intptr_t aux)',
    );
    const fsmount = libc.func(
      'intptr_t syscall(intptr_t number, intptr_t context, intptr_t flags, intptr_t attributes)',
    );
    const ioctl = libc.func('int ioctl(int file, unsigned long request, void *argument)');
    const settle = (result: number | bigint): number => (result < 0 ? -koffi.errno() : Number(result));
    const system: Calls = {
      fsopen: (type) => settle(fsopen(calls.fsopen, type, closeOnExec)),
      fsconfig: (context, command, key, value) =>
        settle(fsconfig(calls.fsconfig, context, command, key, value, 0)),
      fsmount: (context) => settle(fsmount(calls.fsmount, context, closeOnExec, attributes)),
      ioctl: (file, request, argument) => settle(ioctl(file, request, argument)),
    };
    return bind(system, form);
  } catch {
    return undefined;
  }
}

/** @param system returns the negative number of an error. */
function bind(system: Calls, form: MountForm): ImageMounter {
  const mounts: number[] = [];

  function mountSources(image: string, devices: readonly string[]): number {
    const context = check(system.fsopen('erofs'), 'fsopen');
    try {
      const set = (key: string, source: string): number =>
        check(system.fsconfig(context, setString, key, source), 'fsconfig', context);
      set('source', image);
      for (const device of devices) set('device', device);
      check(system.fsconfig(context, setFlag, 'ro', null), 'fsconfig', context);
      check(system.fsconfig(context, create, null, null), 'mount', context);
      return check(system.fsmount(context), 'fsmount', context);
    } finally {
      closeSync(context);
    }
  }

  return {
    mount(image, devices) {
      const open: number[] = [];
      /** By descriptors: a path may be too long for the call. */
      const source = (path: string): string => {
        const file = openSync(path, 'r');
        open.push(file);
        if (form === 'file') return `/proc/self/fd/${file}`;
        const device = attachLoop(file, system.ioctl, (result) => check(result, 'a loop device') as never);
        open.push(device.held);
        return device.path;
      };
      try {
        const mount = mountSources(source(image), devices.map(source));
        mounts.push(mount);
        return `/proc/${process.pid}/fd/${mount}`;
      } finally {
        for (const file of open) closeSync(file);
      }
    },
    close() {
      for (const mount of mounts.splice(0)) closeSync(mount);
    },
  };
}

function check(result: number, syscall: string, context?: number): number {
  if (result >= 0) return result;
  const code = getSystemErrorName(result);
  const told = context === undefined ? '' : messages(context);
  throw Object.assign(new Error(`${code}: ${syscall} of an EROFS image${told}`), { code, syscall });
}

/** What the kernel says of a mount that it refuses, one message in each read. */
function messages(context: number): string {
  const buffer = Buffer.alloc(1024);
  let text = '';
  try {
    for (;;) text += `: ${buffer.toString('utf8', 0, readSync(context, buffer)).trim()}`;
  } catch {
    return text;
  }
}
