// EROFS images as system calls: files are mounted as they are, or by loop devices that the kernel takes apart when their last
// user is gone (Linux, include/uapi/linux/loop.h).
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import { encodePath } from '../../fs/path-bytes.ts';
import type { RootImage } from '../../seams.ts';
import type { LaunchProgram } from './launch-program.ts';

const currentFolder = -100;
const closeOnExec = 0o2000000;
const readWrite = 2;
/** Read-only, no setuid programs, no devices. */
const mountFlags = 1 | 2 | 4;
/** What one mount(2) takes. */
const longestOptions = 4095;

const addDevice = 0x4c80;
const configure = 0x4c0a;
/** `struct loop_config`, and where in it `info.lo_flags` is. */
const configSize = 304;
const flagsAt = 60;
const loopFlags = 1 | 4;
/** Others may take the same device: so many are tried for each file. */
const attempts = 16;
const deviceLimit = 4096;

export interface ImageCallOptions {
  /** The first free descriptor of the process that mounts. */
  spare: number;
  scratch: string;
  /** The current folder of the process. */
  cwd: string;
}

/** Mounts images on their folders, which are in the current one. */
export function addImages(
  program: LaunchProgram,
  images: readonly RootImage[],
  options: ImageCallOptions,
): void {
  const { call } = program;
  const path = (text: string) => program.text(encodePath(text));
  // Short ones: the length of options is limited.
  const near = (file: string): string => posix.relative(options.cwd, file);
  const loops = images.some(({ form }) => form === 'loop') ? openLoops(program, options) : undefined;
  for (const { folder, image, devices, form } of images) {
    const source = (file: string): string => (form === 'loop' ? loops!(near(file)) : near(file));
    const first = source(image);
    const list = devices.map((device) => `device=${source(device)}`).join(',');
    if (list.length > longestOptions || list.split(',').length > devices.length)
      throw new SlipwayError('ERR_RUNTIME', `${devices.length} layers can't be mounted by '${list}'`, {
        hint: 'Keep the state in a directory whose path is short and has no comma (--root).',
      });
    const what = `mounting ${image}`;
    call('mount', [path(first), path(folder), path('erofs'), mountFlags, path(list)], { what });
  }
  // Mounts keep the devices.
  if (loops) call('close_range', [options.spare, 0xffffffff, 0], { what: 'close_range' });
}

/** Numbers of loop devices that nobody uses now. */
function freeDevices(): number[] {
  const free: number[] = [];
  for (let number = 0; number < deviceLimit && free.length < 2 * attempts; number++)
    if (!existsSync(`/sys/block/loop${number}/loop`)) free.push(number);
  return free;
}

/** Returns what has a file attached to a device, and gives a link to that; open descriptors hold it until it is mounted. */
function openLoops(
  { call, label, place, text, bytes, argumentAhead }: LaunchProgram,
  { spare, scratch }: ImageCallOptions,
): (file: string) => string {
  const what = 'setting up a loop device';
  const control = spare;
  const free = freeDevices();
  let count = 0;
  call('openat', [currentFolder, text('/dev/loop-control'), readWrite | closeOnExec], { what });
  return (file) => {
    const link = `${scratch}/loop-${count}`;
    const config = Buffer.alloc(configSize);
    config.writeUInt32LE(loopFlags, flagsAt);
    const at = bytes(config);
    const done = label();
    // Its descriptor is the first field; the next one, which that covers, is 0.
    call('openat', [currentFolder, text(encodePath(file)), closeOnExec], { what: file, into: at });
    for (let attempt = 0; attempt < attempts; attempt++) {
      const device = `/dev/loop${free[(count + attempt) % free.length]}`;
      const next = label();
      const failed = attempt + 1 < attempts ? { failed: next } : {};
      call('ioctl', [control, addDevice, Number(device.slice('/dev/loop'.length))], { failed: 'next' });
      call('openat', [currentFolder, text(device), closeOnExec], {
        ...{ what, into: argumentAhead(0), ...failed },
      });
      call('ioctl', [0, configure, at], { what, ...failed });
      call('symlinkat', [text(device), currentFolder, text(encodePath(link))], {
        ...{ what, on: { result: 0, to: done } },
      });
      place(next);
    }
    place(done);
    count++;
    return link;
  };
}
