// Attempts at the kernel itself: system calls that no step needs, in every ABI that the machine has.
import { type EscapeAttempt, noFilter } from './attempt.ts';

const filtered = { open: noFilter };
const call = (
  name: string,
  what: string,
  script: string,
  more: Partial<EscapeAttempt> = {},
): EscapeAttempt => ({
  ...{ name, what, script: `${script} && escaped ${name}`, ...more },
});

export const kernelAttempts: readonly EscapeAttempt[] = [
  call(
    'module-load',
    'load a module into the kernel',
    'head -c 4096 /dev/zero > m; raw init_module "$(printf x)" 1 ""; [ $? = 0 ]',
  ),
  {
    ...{
      name: 'module-file',
      what: 'the same from a file',
      script: 'raw finit_module 0 "" 0 && escaped loaded; insmod m 2>/dev/null && escaped insmod',
    },
  },
  call('module-unload', 'unload one', 'raw delete_module loop 0x800', {
    outside: (world) => world.changedModules(),
  }),
  call('kexec', 'start another kernel', 'raw kexec_load 0 0 0 0; [ $? = 0 ]'),
  call(
    'bpf',
    'run programs in the kernel (bpf)',
    `perl -e 'my $a = pack("LLLLx104", 1, 4, 8, 1); exit(syscall(321, 0, $a, 120) >= 0 ? 0 : 1)'`,
    filtered,
  ),
  call(
    'perf',
    'watch the machine (perf_event_open)',
    `perl -e 'my $a = pack("LLQQQQQx72", 1, 112, 0, 0, 0, 0, 0); exit(syscall(298, $a, -1, 0, -1, 0) >= 0 ? 0 : 1)'`,
    filtered,
  ),
  call(
    'io-uring',
    'io_uring, which filters do not see into',
    `perl -e 'my $p = "\\0" x 120; exit(syscall(425, 4, $p) >= 0 ? 0 : 1)'`,
    filtered,
  ),
  call('userfaultfd', 'stop the kernel at page faults (userfaultfd)', 'raw userfaultfd 1', filtered),
  {
    ...{ name: 'keyring', what: "read and add keys of the host's user", control: true, ...filtered },
    script: `raw add_key user "$MARK-added" x 1 -4 && escaped added; raw keyctl 10 -4 user "$MARK" 0 && escaped found`,
    outside: (world) => (world.hasKey(`${world.mark}-added`) ? 'the key is there' : undefined),
  },
  call('request-key', 'have the host run its key helper', 'raw request_key user "$MARK-none" info -4'),
  {
    ...{ name: 'clock', what: 'set the clock of the machine' },
    script: `perl -e 'my $t = pack("qq", time + 3600, 0); exit(syscall(164, $t, 0) == 0 ? 0 : 1)' && escaped settimeofday
      perl -e 'my $t = pack("qq", time + 3600, 0); exit(syscall(227, 0, $t) == 0 ? 0 : 1)' && escaped clock_settime`,
    outside: (world) => world.clockMoved(),
  },
  call(
    'clock-rate',
    'change how fast it runs (adjtimex)',
    `perl -e 'my $t = pack("Lx4qq", 2, 0, 6553600) . "\\0" x 200; exit(syscall(159, $t) >= 0 ? 0 : 1)'`,
  ),
  {
    ...{ name: 'reboot', what: 'have Ctrl-Alt-Del restart the machine or not (reboot)' },
    script:
      'raw reboot 0xfee1dead 672274793 0 0 && escaped off; raw reboot 0xfee1dead 672274793 0x89abcdef 0 && escaped on',
    outside: (world) => world.changedSetting('kernel/ctrl-alt-del'),
  },
  {
    ...{ name: 'swap', what: 'give the kernel a file to swap to' },
    script:
      'dd if=/dev/zero of=swap bs=64k count=16 2>/dev/null; chmod 600 swap; mkswap swap >/dev/null 2>&1; raw swapon ./swap 0 && escaped swapon',
    outside: (world) => (world.read('/proc/swaps').includes('swap ') ? 'it is in /proc/swaps' : undefined),
  },
  call('accounting', 'have the kernel write of every process (acct)', ': > a; raw acct ./a'),
  call('io-ports', "use the machine's I/O ports (iopl, ioperm)", 'raw iopl 3 || raw ioperm 0x80 1 1'),
  call('kernel-log', "read the kernel's log", 'dmesg >/dev/null 2>&1 || raw syslog 10 0 0', filtered),
  {
    ...{
      name: 'file-handle',
      what: "open the host's root by a file handle (open_by_handle_at)",
      control: true,
    },
    script: `perl -e 'open(my $f, "<", "/etc/hosts") or exit 1; my $h = pack("LlLL", 8, 1, 2, 0); my $r = syscall(304, fileno($f), $h, 65536); exit 1 if $r < 0; system("ls /proc/$$/fd/$r/" ); exit 0' && escaped opened`,
  },
  call('quota', 'change quotas', 'raw quotactl 0x80000200 /dev/vda 0 ""'),
  call(
    'personality',
    'make all that is readable executable (personality)',
    'raw personality 0x0400000 >/dev/null',
    filtered,
  ),
  call('priority', 'run before everybody else (setpriority)', 'raw setpriority 0 0 -19 >/dev/null'),
  call(
    'realtime',
    'run as a real-time process',
    `perl -e 'my $p = pack("l", 50); exit(syscall(144, 0, 1, $p) == 0 ? 0 : 1)'`,
  ),
  call('memory-nodes', 'move the pages of processes', 'raw migrate_pages $VICTIM 64 "\\1" "\\1"'),
  call('fanotify', 'watch every file of a mount (fanotify)', 'raw fanotify_init 0x4 0', filtered),
  call('hangup', 'hang up a terminal', 'raw vhangup'),
  {
    ...{ name: 'crypto', what: "the kernel's cryptography (AF_ALG), which wrote to shared pages once" },
    ...{ script: 'raw socket 38 5 0 && escaped AF_ALG', ...filtered },
  },
  {
    name: 'vsock',
    what: 'sockets to the hypervisor (AF_VSOCK)',
    script: 'raw socket 40 1 0 && escaped AF_VSOCK',
    ...filtered,
  },
  call(
    'clone3',
    'clone3, whose flags no filter can read',
    `perl -e 'my $a = pack("Q8", 0x10000000, 0, 0, 0, 17, 0, 0, 0); my $r = syscall(435, $a, 64); exit 0 if $r == 0; exit($r > 0 ? 0 : 1)'`,
    filtered,
  ),
  call('abi-32', 'the same calls as a 32-bit program: unshare', 'int80 310 268435456', filtered),
  call('abi-32-keyctl', 'keyctl as a 32-bit program', 'int80 288 0', filtered),
  call('abi-32-mount', 'umount as a 32-bit program', 'int80 52 0 2>/dev/null; [ $? = 0 ]'),
  call('abi-x32', 'the same calls in the x32 ABI: unshare', 'raw 0x40000110 268435456', filtered),
  call(
    'unknown-calls',
    'calls that the kernel has and the filter does not know',
    'raw 9999 || raw 470 0 0 0 0 || raw 467 -1 0 0 0 0',
  ),
  call(
    'overlay-marks',
    'marks by which overlays lead to other places (trusted.overlay.*)',
    ': > f; raw setxattr f trusted.overlay.redirect /etc 4 0 || raw setxattr f trusted.overlay.opaque y 1 0',
  ),
  call(
    'immutable',
    'make a file that nobody can delete',
    `perl -e 'open(my $f, "<", "/etc/passwd"); my $v = pack("l", 16); exit(ioctl($f, 0x40086602, $v) ? 0 : 1)'`,
  ),
];
