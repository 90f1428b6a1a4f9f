// Attempts at mounts, namespaces and processes of the host.
import { type EscapeAttempt, noFilter, scopesSignals } from './attempt.ts';

const mount = (
  name: string,
  what: string,
  script: string,
  more: Partial<EscapeAttempt> = {},
): EscapeAttempt => ({
  ...{ name: `mount-${name}`, what, script: `mkdir -p m n; ${script} && escaped ${name}`, ...more },
});

const spaces = {
  user: '10000000',
  mount: '20000',
  pid: '20000000',
  network: '40000000',
  cgroup: '2000000',
  uts: '4000000',
  ipc: '8000000',
  time: '80',
};

export const namespaceAttempts: readonly EscapeAttempt[] = [
  mount('tmpfs', 'mount a tmpfs', 'mount -t tmpfs none m', { control: true }),
  mount('proc', 'mount a /proc without masks', 'mount -t proc none m', { control: true }),
  mount('sys', 'mount a /sys that can be written to', 'mount -t sysfs none m', { control: true }),
  mount('devices', "mount the machine's /dev", 'mount -t devtmpfs none m', { control: true }),
  mount(
    'cgroups',
    'mount cgroups that can be written to',
    'mount -t cgroup2 none m || mount -t cgroup -o memory none m',
  ),
  mount('disk', "mount the host's disk", 'mknod d b $DISK; mount -o ro d m'),
  mount('bind', 'mount a folder elsewhere', 'mount -o bind / m'),
  mount(
    'overlay',
    'mount an overlay',
    'mkdir u w; mount -t overlay -o lowerdir=/etc,upperdir=u,workdir=w none m',
  ),
  mount(
    'kernel',
    'mount debugfs, tracefs, securityfs, bpf or binfmt_misc',
    'for t in debugfs tracefs securityfs bpf binfmt_misc configfs efivarfs; do mount -t $t none m && echo $t; done | grep .',
  ),
  mount('remount', 'make /proc/sys writable again', 'mount -o remount,bind,rw /proc/sys'),
  mount('remount-root', 'allow devices in the root again', 'mount -o remount,bind,dev /'),
  mount(
    'unmask',
    'take a mask away',
    'umount /proc/keys || umount /proc/timer_list || umount -l /proc/sys || umount -l /sys/firmware',
  ),
  mount('move', 'move a mount', 'mount -o move /dev/shm m'),
  mount('pivot', 'change the root (pivot_root)', 'raw pivot_root m m'),
  mount('open', 'mount with the newer calls (fsopen)', 'raw fsopen tmpfs 0'),
  mount('tree', 'take a copy of the mounts (open_tree)', 'raw open_tree -100 / 0x8001'),
  mount(
    'setattr',
    'change the flags of all mounts (mount_setattr)',
    `perl -e 'my $a = pack("Q4", 0, 1, 0, 0); exit(syscall(442, -100, "/", 0x8000, $a, 32) == 0 ? 0 : 1)'`,
  ),
  mount(
    'propagate',
    'have mounts show on the host (propagation)',
    'raw mount none / none 0x104000 0 || raw mount none / none 0x100000 0',
  ),
  ...Object.entries(spaces).map(([name, flag]) => ({
    ...{
      name: `unshare-${name}`,
      what: `make a namespace: ${name}`,
      ...(name === 'user' ? { open: noFilter } : {}),
    },
    script: `raw unshare 0x${flag} && escaped ${name}`,
  })),
  {
    ...{
      name: 'unshare-user-root',
      what: 'become root with all capabilities in a user namespace, and mount there',
      open: noFilter,
    },
    script: 'unshare -Urm sh -c "mount -t tmpfs none /tmp && echo in" | grep -q in && escaped mounted',
  },
  {
    ...{ name: 'clone-user', what: 'the same by clone', open: noFilter },
    script: `perl -e 'my $r = syscall(56, 0x10000011, 0, 0, 0, 0); exit 0 if $r >= 0; exit 1' && escaped cloned`,
  },
  {
    ...{ name: 'enter-init', what: 'enter the namespaces of the first process', control: false },
    script:
      'for n in mnt pid net uts ipc cgroup user; do raw setns_path /proc/1/ns/$n && [ $n != user ] && escaped $n; done',
  },
  {
    ...{ name: 'enter-victim', what: 'enter those of a process of the host' },
    script:
      'nsenter -t $VICTIM -m -p sh -c "touch $HOST/victim/$NAME" && escaped entered; for n in mnt pid; do raw setns_path /proc/$VICTIM/ns/$n && escaped $n; done',
  },
  {
    ...{ name: 'see', what: 'see a process of the host' },
    script:
      'cat /proc/$VICTIM/cmdline 2>/dev/null | grep -q "$MARK" && escaped cmdline; ps -o args | grep "$MARK-victim" | grep -v grep && escaped listed',
  },
  {
    ...{ name: 'kill', what: 'kill one, by its number there' },
    // A chroot has no /proc; where nothing keeps its signals in, there would be nobody left for other attempts.
    script: `${scopesSignals ? '' : '[ -e /proc/self ] || exit 0\n'}kill -9 $VICTIM && escaped killed
      perl -e 'my $p = syscall(434, $ENV{VICTIM}, 0); exit($p >= 0 && syscall(424, $p, 9, 0, 0) == 0 ? 0 : 1)' && escaped signalled`,
    outside: (world) => world.victimProblem(),
  },
  {
    ...{ name: 'pidfd', what: 'get a descriptor for one', open: { chroot: 'process ids are shared' } },
    script: 'raw pidfd_open $VICTIM 0 && escaped pidfd',
  },
  {
    ...{ name: 'pidfd-getfd', what: 'take over a descriptor of one' },
    script: `perl -e 'my $p = syscall(434, $ENV{VICTIM}, 0); exit($p >= 0 && syscall(438, $p, 1, 0) >= 0 ? 0 : 1)' && escaped taken`,
  },
  {
    ...{ name: 'trace', what: 'trace one, read and write its memory' },
    script: `raw ptrace 16 $VICTIM 0 0 && escaped attached; head -c 1 /proc/$VICTIM/mem && escaped mem
      perl -e 'my $b = "\\0" x 8; my $l = pack("pQ", $b, 8); my $r = pack("QQ", 0x400000, 8); exit(syscall(310, $ENV{VICTIM}, $l, 1, $r, 1, 0) >= 0 ? 0 : 1)' && escaped read`,
    outside: (world) => world.victimProblem(),
  },
  {
    ...{ name: 'kill-all', what: 'kill every process that can be seen' },
    script: '(trap "" TERM; kill -TERM -1); true',
    outside: (world) => world.victimProblem(),
  },
  {
    ...{ name: 'renice', what: 'slow one down' },
    script: 'renice 19 -p $VICTIM 2>/dev/null && escaped reniced; true',
  },
  {
    ...{ name: 'parent', what: 'find the process that started the step' },
    open: { chroot: 'process ids are shared' },
    script: `[ $(awk '/^PPid/{print $2}' /proc/1/status) = 0 ] || escaped parent; perl -e 'exit(getppid() == 0 ? 1 : 0)' & wait; [ -e /proc/0 ] && escaped zero; true`,
  },
  {
    ...{ name: 'name', what: 'give the machine another name' },
    script: 'hostname "$MARK" && escaped hostname; raw setdomainname "$MARK" 8 && escaped domain; true',
    outside: (world) => world.changedSetting('kernel/hostname'),
  },
];
