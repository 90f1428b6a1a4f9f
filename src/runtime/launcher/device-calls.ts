// /dev of a step as system calls: nodes of the step's own, each mounted over an empty file of a file system that allows no devices.
//
// The host's nodes are not shown themselves: a chmod of the step would be one of the host's. Where none can be made, as in a user
// namespace, they are, read-only: that forbids changes of the node, and no use of the device.
import { encodePath } from '../../fs/path-bytes.ts';
import { deviceLinks } from '../confinement.ts';
import { nodeLine } from '../mount-table.ts';
import type { DeviceNode } from '../step-layout.ts';
import type { Address, LaunchProgram } from './launch-program.ts';
import type { MountCalls } from './mount-calls.ts';

const currentFolder = -100;
const plainFile = 0o100000;
const [charDevice, blockDevice] = [0o020000, 0o060000];
const readWrite = 2;
const [bind, remount] = [0x1000, 0x20];
const [noSetuid, noPrograms] = [2, 8];

export interface DeviceCalls {
  /** Where /dev is mounted. */
  folder: string;
  /** A folder that the step does not see: its nodes are made there. */
  store: string;
  nodes: readonly DeviceNode[];
  /** Options of the file system. */
  flags: readonly string[];
}

const stored = ({ name }: DeviceNode): string => name.replaceAll('/', '-');

/** The process's input becomes the step's own /dev/null. */
export function addDevices(program: LaunchProgram, mounts: MountCalls, options: DeviceCalls): void {
  const { call, label, place, text } = program;
  const { folder, store, nodes, flags } = options;
  mounts.line({
    ...{ source: 'nodes', target: store, type: 'tmpfs' },
    options: ['nosuid', 'noexec', 'mode=755', 'size=64k'],
  });
  mounts.enter(store);
  call('umask', [0]);
  for (const node of nodes) {
    const mode = (node.block ? blockDevice : charDevice) | node.mode;
    call('mknodat', [currentFolder, mounts.path(stored(node)), mode, node.device], { failed: 'next' });
  }
  call('umask', [0o022]);
  mounts.line({
    ...{ source: 'dev', target: folder, type: 'tmpfs' },
    options: ['nosuid', 'mode=755', 'size=64m', ...flags],
  });
  mounts.enter(folder);
  const folders = new Set(['mqueue', 'pts', 'shm']);
  for (const { name } of nodes) if (name.includes('/')) folders.add(name.slice(0, name.indexOf('/')));
  for (const name of folders)
    call('mkdirat', [currentFolder, mounts.path(name), 0o755], { what: `making /dev/${name}` });
  // Runtimes give a tmpfs the mode of the directory below it.
  call('fchmodat', [currentFolder, mounts.path('shm'), 0o1777], { what: 'making /dev/shm' });
  for (const [name, target] of Object.entries(deviceLinks))
    call('symlinkat', [mounts.path(target), currentFolder, mounts.path(name)], {
      what: `making /dev/${name}`,
    });
  for (const node of nodes) {
    const { name } = node;
    const what = `making /dev/${name}`;
    const [own, target] = [text(encodePath(`${store}/${stored(node)}`)), mounts.path(`${folder}/${name}`)];
    const [unmade, made] = [label(), label()];
    call('mknodat', [currentFolder, mounts.path(name), plainFile | 0o644, 0], { what });
    call('mount', [own, target, 0, bind, 0], { failed: unmade });
    call('mount', [0, target, 0, remount | bind | noSetuid | noPrograms, 0], {
      ...{ what, on: { result: 0, to: made } },
    });
    place(unmade);
    mounts.line(nodeLine(name, `${folder}/${name}`));
    place(made);
  }
  if (nodes.some(({ name }) => name === 'null')) addInput(program, mounts.path(`${folder}/null`));
}

/** A node of the host, as it is open now, would be there to be changed. A descriptor gets the lowest number that is free. */
function addInput({ call }: LaunchProgram, path: Address): void {
  call('close', [0], { failed: 'next' });
  call('openat', [currentFolder, path, readWrite], { what: 'opening /dev/null' });
}
