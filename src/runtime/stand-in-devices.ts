// The /dev of a step for which nothing can be mounted: nodes of its own in a folder of its own.
import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { SlipwayError, systemCode } from '../errors.ts';
import { loadSys } from '../fs/sys.ts';
import { deviceLinks } from './confinement.ts';
import { hostNodes } from './step-layout.ts';

function unusable(message: string, hint: string, cause: unknown): SlipwayError {
  return new SlipwayError('ERR_RUNTIME', `a step can't be given devices: ${message}`, { hint, cause });
}

/** Fills the new folder `path`. @throws ERR_RUNTIME where nodes can't be made, or can't be opened */
export function makeStandInDevices(path: string): void {
  mkdirSync(path, { mode: 0o755 });
  chmodSync(path, 0o755);
  for (const name of ['mqueue', 'pts', 'shm']) mkdirSync(`${path}/${name}`);
  chmodSync(`${path}/shm`, 0o1777);
  // Those into /proc lead nowhere: better than a file that what is written to /dev/stdout would be lost in.
  for (const [name, target] of Object.entries(deviceLinks)) symlinkSync(target, `${path}/${name}`);
  for (const { name, device, mode } of hostNodes(false)) {
    const node = { type: 'char', mode, major: device >>> 8, minor: device & 0xff } as const;
    try {
      loadSys().mknod(`${path}/${name}`, node);
    } catch (error) {
      if (systemCode(error) !== 'EPERM') throw error;
      const hint = 'Start the container with the capability MKNOD, which Docker gives by default.';
      throw unusable('this process has no right to make device nodes', hint, error);
    }
  }
  try {
    closeSync(openSync(`${path}/null`, 'r+'));
  } catch (error) {
    const hint = 'Put the state folder (--root) on a mount without nodev.';
    throw unusable(`${path}/null can't be opened`, hint, error);
  }
}
