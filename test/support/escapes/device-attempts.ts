// Attempts at devices: nodes that a step makes, wherever it can, and those that it was given.
import type { EscapeAttempt } from './attempt.ts';

const node = (name: string, what: string, device: string, use: string): EscapeAttempt => ({
  name: `node-${name}`,
  what: `make and use ${what}`,
  script: `mknod n ${device} && ${use} && escaped ${name}`,
});

/** The disk that the machine started from, and a node that nothing but the mount's own flags guards. */
const disk =
  'mknod disk b $DISK; head -c 512 disk > /dev/null && escaped disk; mknod own c 1 5; head -c 1 own > /dev/null && escaped own';

export const deviceAttempts: readonly EscapeAttempt[] = [
  { name: 'disk', what: "read the host's disk by a node in the root", script: disk, control: true },
  {
    ...{ name: 'disk-tmpfs', what: 'the same by a node in a tmpfs mount' },
    ...{ flags: '--mount=type=tmpfs,target=/at', script: `cd /at; ${disk}` },
  },
  {
    ...{ name: 'disk-cache', what: 'the same by a node in a cache mount' },
    ...{ flags: '--mount=type=cache,target=/at', script: `cd /at; ${disk}` },
  },
  {
    ...{ name: 'disk-nested', what: 'the same by a node in a mount within a cache mount' },
    flags:
      '--mount=type=cache,target=/at --mount=type=cache,id=in,target=/at/in --mount=type=tmpfs,target=/at/in/t',
    script: `for d in /at/in /at/in/t; do cd $d; ${disk}; done`,
  },
  {
    ...{ name: 'disk-bind', what: 'the same by a node in a writable bind mount of the context' },
    ...{ flags: '--mount=type=bind,target=/at,rw', script: `cd /at; ${disk}` },
  },
  {
    ...{ name: 'disk-stage', what: 'the same by a node in a writable bind mount of a stage' },
    ...{ flags: '--mount=type=bind,from=tools,target=/at,rw', script: `cd /at; ${disk}` },
  },
  { name: 'disk-dev', what: 'the same by a node in /dev', script: `cd /dev; ${disk}` },
  { name: 'disk-shm', what: 'the same by a node in /dev/shm', script: `cd /dev/shm; ${disk}` },
  {
    ...{ name: 'disk-mqueue', what: 'the same by nodes in /dev/mqueue, /dev/pts and /proc' },
    script: `for d in /dev/mqueue /dev/pts /proc /sys; do cd $d; ${disk}; done`,
  },
  {
    ...{ name: 'disk-renamed', what: 'the same by a node that is moved and linked after it was made' },
    script: `mknod a c 1 5; ln a disk; mv a /b; for d in disk /b; do head -c 1 $d > /dev/null && escaped $d; done`,
  },
  {
    ...{ name: 'disk-archive', what: 'the same by a node that an archive of ADD holds' },
    open: { chroot: 'no mount has nodev there' },
    ...{
      before: 'ADD nodes.tar /from-archive/',
      script: 'for d in /from-archive/*; do head -c 1 $d > /dev/null && escaped $d; done',
    },
  },
  node('mem', 'the memory of the machine', 'c 1 1', 'head -c 1 n'),
  node('kmem', 'the memory of the kernel', 'c 1 2', 'head -c 1 n'),
  node('port', 'its I/O ports', 'c 1 4', 'head -c 1 n'),
  {
    ...{ name: 'node-kmsg', what: "write to the kernel's log by a node", control: true },
    script: 'mknod n c 1 11 && echo "$MARK-kmsg" > n && escaped written',
    outside: (world) => (world.kernelLog().includes(`${world.mark}-kmsg`) ? 'it is in the log' : undefined),
  },
  node('console', 'the console', 'c 5 1', 'echo > n'),
  node('terminal', 'a terminal of the machine', 'c 4 1', 'echo > n'),
  node('pts', "a terminal of the host's users", 'c 136 0', 'echo > n'),
  node('loop', 'a loop device', 'b 7 0', 'head -c 1 n'),
  node('loop-control', 'the control of loop devices', 'c 10 237', ': < n'),
  node('fuse', 'FUSE', 'c 10 229', ': < n'),
  node('kvm', 'the machine as a hypervisor', 'c 10 232', ': < n'),
  node('tun', 'a network interface by TUN', 'c 10 200', ': < n'),
  node('msr', "a processor's registers", 'c 202 0', ': < n'),
  node('uinput', 'made up input', 'c 10 223', ': > n'),
  node('vhost', 'vhost-net', 'c 10 238', ': < n'),
  node('mapper', 'the device mapper', 'c 10 236', ': < n'),
  node('autofs', 'autofs', 'c 10 235', ': < n'),
  {
    ...{ name: 'node-modes', what: "change the host's /dev/null, /dev/zero, … by those of the step" },
    script: `for d in null zero full random urandom tty; do chmod 640 /dev/$d; chown 7:8 /dev/$d; done
      for f in /proc/self/fd/0 /proc/keys /proc/timer_list /proc/interrupts; do chmod 600 $f; chown 7 $f; done; chmod 666 /dev/null`,
    outside: (world) => world.changedNodes(),
  },
  {
    ...{ name: 'node-unlink', what: "remove the host's nodes by those of the step" },
    script: 'for d in null zero full random urandom tty; do rm -f /dev/$d; mv /dev/$d /dev/moved; done',
    outside: (world) => world.changedNodes(),
  },
  {
    ...{ name: 'tty-inject', what: 'type into the terminal of whoever runs the build (TIOCSTI)' },
    script: `perl -e 'for my $f (0, 1, 2) { open(my $h, "+<&=", $f) or next; my $c = "x"; exit 0 if ioctl($h, 0x5412, $c) } open(my $t, "+<", "/dev/tty") or exit 1; my $c = "x"; exit(ioctl($t, 0x5412, $c) ? 0 : 1)' && escaped typed`,
  },
];
