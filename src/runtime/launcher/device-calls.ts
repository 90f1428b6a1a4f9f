// /dev of a step as system calls: a fresh file system with the host's nodes over empty files, and links.
import { deviceLinks } from '../confinement.ts';
import type { LaunchProgram } from './launch-program.ts';
import type { MountCalls } from './mount-calls.ts';

const currentFolder = -100;
const plainFile = 0o100000;

export interface DeviceCalls {
  /** Where it is mounted. */
  folder: string;
  /** The host's nodes, relative to /dev. */
  nodes: readonly string[];
  /** Options of the file system. */
  flags: readonly string[];
}

export function addDevices(program: LaunchProgram, mounts: MountCalls, options: DeviceCalls): void {
  const { call } = program;
  const { folder, nodes, flags } = options;
  mounts.line({
    ...{ source: 'dev', target: folder, type: 'tmpfs' },
    options: ['nosuid', 'mode=755', 'size=64m', ...flags],
  });
  mounts.enter(folder);
  const folders = new Set(['mqueue', 'pts', 'shm']);
  for (const name of nodes) if (name.includes('/')) folders.add(name.slice(0, name.indexOf('/')));
  for (const name of folders)
    call('mkdirat', [currentFolder, mounts.path(name), 0o755], { what: `making /dev/${name}` });
  // Runtimes give a tmpfs the mode of the directory below it.
  call('fchmodat', [currentFolder, mounts.path('shm'), 0o1777], { what: 'making /dev/shm' });
  for (const [name, target] of Object.entries(deviceLinks))
    call('symlinkat', [mounts.path(target), currentFolder, mounts.path(name)], {
      what: `making /dev/${name}`,
    });
  for (const name of nodes) {
    call('mknodat', [currentFolder, mounts.path(name), plainFile | 0o644, 0], {
      what: `making /dev/${name}`,
    });
    mounts.line({
      ...{ source: `/dev/${name}`, target: `${folder}/${name}`, type: 'none' },
      options: ['bind', 'nosuid', 'noexec'],
    });
  }
}
