// /sys of a step in a user namespace. The kernel lets a namespace mount one of its own only together with a network of its own: else
// it is the machine's, which nobody in there may write to anyway, made read-only with all that is mounted below.
import type { LaunchProgram } from './launch-program.ts';
import type { MountCalls } from './mount-calls.ts';

const currentFolder = -100;
const bindAll = 0x1000 | 0x4000;
const recursively = 0x8000;
/** MOUNT_ATTR_RDONLY, NOSUID, NODEV and NOEXEC. */
const attributes = 1 | 2 | 4 | 8;

export function addHostSys({ call, bytes }: LaunchProgram, mounts: MountCalls, target: string): void {
  const what = `mounting /sys at ${target}`;
  const path = mounts.path(target);
  call('mount', [mounts.path('/sys'), path, 0, bindAll, 0], { what });
  const change = Buffer.alloc(32);
  change.writeBigUInt64LE(BigInt(attributes));
  // Linux 5.12; before that, its files' own permissions have to do.
  call('mount_setattr', [currentFolder, path, recursively, bytes(change), change.length], { failed: 'next' });
}
