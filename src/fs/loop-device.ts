// Loop devices (Linux, include/uapi/linux/loop.h) for kernels that mount no plain files: read-only ones that the kernel takes
// apart by itself when their last user is gone, also where that was killed.
import { closeSync, existsSync, openSync } from 'node:fs';

/** Returns the negative number of an error. */
export type Ioctl = (file: number, request: number, argument: Buffer | null) => number;

const getFree = 0x4c82;
const configure = 0x4c0a;
/** `struct loop_config`, and where in it `info.lo_flags` is. */
const configSize = 304;
const flagsAt = 60;
const readOnly = 1;
const autoclear = 4;
const EBUSY = -16;
/** Others may take the same device between the two calls. */
const attempts = 64;

export const hasLoopDevices = (): boolean => existsSync('/dev/loop-control');

/**
 * @param file a descriptor; it may be closed afterwards.
 * @returns the device, and a descriptor that keeps it until it is mounted, for the caller to close.
 */
export function attachLoop(
  file: number,
  ioctl: Ioctl,
  fail: (result: number) => never,
): { path: string; held: number } {
  const control = openSync('/dev/loop-control', 'r+');
  try {
    for (let attempt = 1; ; attempt++) {
      const number = ioctl(control, getFree, null);
      if (number < 0) fail(number);
      const path = `/dev/loop${number}`;
      const held = openSync(path, 'r');
      const config = Buffer.alloc(configSize);
      config.writeUInt32LE(file, 0);
      config.writeUInt32LE(readOnly | autoclear, flagsAt);
      const result = ioctl(held, configure, config);
      if (result >= 0) return { path, held };
      closeSync(held);
      if (result !== EBUSY || attempt === attempts) fail(result);
    }
  } finally {
    closeSync(control);
  }
}
