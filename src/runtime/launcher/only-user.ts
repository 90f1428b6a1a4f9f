// The step's user where there is one id alone.
import { control, messages } from './launch-frame.ts';
import type { LaunchProgram } from './launch-program.ts';
import type { MountCalls } from './mount-calls.ts';

const currentFolder = -100;
const closeOnExec = 0o2000000;
const writeOnly = 0o1 | closeOnExec;
const pathOnly = 0o10000000;
const newUserNamespace = 0x10000000;
const newListener = 8;

/** Where the kernel shows processes: at /proc, or at a descriptor that is open, where a step has none. */
const heldProc = 200;

/** The id goes by the user's number in a namespace within the namespace: what it makes is told apart by nobody but us. */
export function addOnlyUser(
  { call, text, argumentAhead }: LaunchProgram,
  mounts: MountCalls,
  { uid, gid, proc = true }: { uid: number; gid: number; proc?: boolean | undefined },
): void {
  const what = `becoming user ${uid}:${gid}`;
  call('unshare', [newUserNamespace], { what });
  const maps = { setgroups: 'deny', gid_map: `${gid} 0 1\n`, uid_map: `${uid} 0 1\n` };
  for (const [name, content] of Object.entries(maps)) {
    const from = proc
      ? [currentFolder, mounts.path(`/proc/self/${name}`)]
      : [heldProc, mounts.path(`self/${name}`)];
    call('openat', [...from, writeOnly], { what, into: argumentAhead(0) });
    call('write', [-1, text(content), content.length], { what });
  }
}

/** Before the root is left: for addOnlyUser. */
export function holdProc({ call, argumentAhead }: LaunchProgram, mounts: MountCalls): void {
  const what = 'opening /proc';
  call('openat', [currentFolder, mounts.path('/proc'), pathOnly | closeOnExec], {
    what,
    into: argumentAhead(0),
  });
  call('dup3', [-1, heldProc, closeOnExec], { what });
}

/** From here on the builder answers. Its first answer is waited for: an exec closes what it has to take before. */
export function addListener({ call, bytes, words }: LaunchProgram, filter: Buffer): void {
  const told = Buffer.alloc(16);
  told.writeBigInt64LE(BigInt(messages.listener));
  const message = bytes(told);
  const header = words([filter.length / 8, bytes(filter)]);
  const what = 'having the builder asked of owners';
  call('seccomp', [1, newListener, header], { what, into: { data: message.data + 8 } });
  call('write', [control, message, 16], { what });
  call('fchown', [-1, 0, 0], { failed: 'next' });
}
