// Attempts at the host's files and settings: through /proc, /sys, cgroups, descriptors, links and what is mounted for a step.
import type { EscapeAttempt } from './attempt.ts';

const setting = (path: string, what: string, value: string, control = false): EscapeAttempt => ({
  name: `set-${path.replaceAll(/[/_]/g, '-')}`,
  ...{ what, control },
  script: `echo '${value}' > /proc/sys/${path} && escaped written`,
  outside: (world) => world.changedSetting(path),
});

/** Nothing was made in a folder of the host that steps know the path of, and nothing of its content came in. */
const touched: EscapeAttempt['outside'] = (world, name) => world.madeInVictim(name);

export const hostAttempts: readonly EscapeAttempt[] = [
  setting(
    'kernel/core_pattern',
    'have the host run a program when one crashes (core_pattern)',
    '|/bin/false',
  ),
  setting('kernel/modprobe', 'have it run one to load modules', '/bin/false'),
  setting('vm/stat_interval', 'change how the kernel runs (sysctl)', '7', true),
  setting('net/ipv4/ip_forward', 'have it pass on packets', '1'),
  setting('kernel/printk', 'change what of its log is shown', '1 1 1 1'),
  setting('fs/protected_symlinks', 'switch off what guards links', '0'),
  {
    ...{ name: 'sysrq', what: 'use the magic SysRq key' },
    script: '[ -e /proc/sysrq-trigger ] && echo h > /proc/sysrq-trigger && escaped pressed',
  },
  {
    ...{ name: 'uevent', what: 'have the host run a program for new devices (uevent_helper)' },
    script: 'echo /bin/false > /sys/kernel/uevent_helper && escaped written; true',
    outside: (world) => world.changedFile('/sys/kernel/uevent_helper'),
  },
  {
    ...{ name: 'interrupts', what: 'move interrupts to another processor' },
    script:
      'for f in /proc/irq/*/smp_affinity /proc/irq/default_smp_affinity; do echo 1 > $f && escaped $f; done; true',
  },
  {
    ...{ name: 'masked', what: 'read what is masked: memory, keys, timers, firmware' },
    script: `for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/interrupts; do [ -z "$(head -c 1 $f 2>/dev/null | tr '\\0' x)" ] || escaped $f; done
      for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap /sys/devices/system/cpu/cpu*/thermal_throttle; do [ -z "$(ls -A $d 2>/dev/null)" ] || escaped $d; done`,
  },
  {
    ...{ name: 'sys-write', what: 'change devices and the kernel by /sys' },
    script:
      'for f in /sys/block/*/queue/nr_requests /sys/kernel/mm/transparent_hugepage/enabled /sys/power/state /sys/class/net/lo/mtu /sys/module/*/parameters/*; do [ -f $f ] && (: >> $f) 2>/dev/null && escaped $f; done; true',
  },
  {
    ...{ name: 'oom', what: 'have the kernel spare it where memory runs out' },
    script:
      '[ -e /proc/self ] || exit 0; echo -1000 > /proc/self/oom_score_adj && escaped spared; [ $(cat /proc/self/oom_score_adj) -ge 0 ] || escaped inherited; true',
  },
  {
    ...{ name: 'cgroup-write', what: 'make and change cgroups' },
    script: `for g in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -d $g ] && mkdir "$g/$MARK" && [ -f "$g/$MARK/cgroup.procs" ] && escaped $g; done
      for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/*/tasks /sys/fs/cgroup/*/memory.limit_in_bytes; do [ -f $f ] && echo 1 > $f && escaped $f; done; true`,
    outside: (world) => world.madeCgroup(),
  },
  {
    ...{ name: 'release-agent', what: 'have the host run a program when a cgroup is empty (release_agent)' },
    script: `for g in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -f $g/release_agent ] && echo "$HOST/agent" > $g/release_agent && escaped $g; [ -f $g/notify_on_release ] && echo 1 > $g/notify_on_release && escaped $g; done; true`,
    outside: (world) => world.changedReleaseAgent(),
  },
  {
    ...{ name: 'chroot-climb', what: 'climb out of the root by chroot' },
    script: `perl -e 'mkdir "jail"; chroot "jail" or exit 1; chdir ".." for 1 .. 64; chroot "."; open(my $f, "<", "$ENV{HOST}/secret"); exit(<$f> =~ /^the secret of/ ? 0 : 1)' && escaped climbed`,
    outside: touched,
  },
  {
    ...{ name: 'chroot-descriptor', what: 'the same by a descriptor that was open before' },
    script: `perl -e 'opendir(my $d, "/"); mkdir "jail"; chroot "jail" or exit 1; chdir $d; chdir ".." for 1 .. 64; chroot "."; open(my $f, "<", "$ENV{HOST}/secret"); exit(<$f> =~ /^the secret of/ ? 0 : 1)' && escaped climbed`,
  },
  {
    ...{ name: 'proc-roots', what: "the host's root by roots, folders and descriptors of processes" },
    script: `for p in /proc/[0-9]* /proc/self /proc/thread-self; do for r in root cwd fd/0/.. fd/1/.. fd/2/.. fd/3 fd/10; do grep -qs "^the secret of" $p/$r$HOST/secret && escaped $p/$r; done; done
      cd /proc/self/cwd/../../../../../..; grep -qs "^the secret of" .$HOST/secret && escaped up; true`,
  },
  {
    ...{ name: 'descriptors', what: 'descriptors that the builder left open' },
    script: `perl -e 'for my $f (3 .. 1023) { my $l = readlink("/proc/self/fd/$f"); print "$f $l " if defined $l && $l !~ m{^/(proc|dev/null|dev/pipes|attempts)} }' > /tmp/open; [ ! -s /tmp/open ] || escaped $(cat /tmp/open); true`,
  },
  {
    ...{ name: 'descriptors-kernel', what: 'the same, by asking the kernel for each' },
    open: { unshare: 'shells pass on what whoever started the builder left open' },
    script: `perl -e 'for my $f (3 .. 1023) { print "$f " if syscall(72, $f, 1, 0) >= 0 }' > /tmp/held; [ ! -s /tmp/held ] || escaped $(cat /tmp/held); true`,
  },
  {
    ...{ name: 'moved-folder', what: "the host's root from within a folder that is moved, upwards" },
    flags: '--mount=type=cache,target=/at',
    script: `perl -e 'for my $d ("/at", "/srv-moved", "/tmp/moved") { mkdir $d; mkdir "$d/in"; chdir "$d/in" or next; rename "$d/in", "/in-moved" or rename $d, "/moved"; chdir ".." for 1 .. 64; open(my $f, "<", ".$ENV{HOST}/secret") or next; exit 0 if <$f> =~ /^the secret of/ } exit 1' && escaped up`,
  },
  {
    ...{ name: 'memory-map', what: "change the launcher's own program (/proc/self/exe)" },
    script:
      'for e in /proc/[0-9]*/exe; do readlink $e | grep -q -e launcher -e slipway && escaped $e; done; true',
  },
  {
    ...{
      name: 'hosts-file',
      what: 'write to what is mounted on /etc/hosts and /etc/resolv.conf',
      control: false,
    },
    copies: true,
    script:
      'for f in /etc/hosts /etc/resolv.conf; do (echo "$MARK" >> $f) 2>/dev/null && escaped $f; (chmod 666 $f; chown 7 $f; rm -f $f; mv $f $f.old) 2>/dev/null; done; true',
    outside: (world) => world.changedFile('/etc/resolv.conf') ?? world.changedFile('/etc/hosts'),
  },
  {
    ...{ name: 'socket', what: 'reach a socket of the host by its path' },
    script: `perl -e 'socket(my $s, 1, 1, 0); exit(connect($s, pack("S a*", 1, "$ENV{HOST}/socket")) ? 0 : 1)' && escaped connected`,
    outside: (world) => world.reached('socket'),
  },
  {
    ...{ name: 'abstract-socket', what: 'reach an abstract socket of the host', control: true },
    open: { unshare: 'Landlock is not set up' },
    script: `perl -e 'socket(my $s, 1, 1, 0); exit(connect($s, pack("S a*", 1, "\\0$ENV{MARK}")) ? 0 : 1)' && escaped connected`,
    outside: (world) => world.reached('abstract socket'),
  },
  {
    ...{ name: 'none-host', what: 'without a network: reach the host', flags: '--network=none' },
    script: `[ $( (cat /proc/net/dev || ip -o link) | grep -c : ) = 1 ] || escaped interfaces
      perl -e 'socket(my $s, 2, 1, 0); exit(connect($s, pack("S n C4 x8", 2, $ENV{PORT}, 127, 0, 0, 1)) ? 0 : 1)' && escaped port
      perl -e 'socket(my $s, 1, 1, 0); exit(connect($s, pack("S a*", 1, "\\0$ENV{MARK}")) ? 0 : 1)' && escaped socket; true`,
  },
  {
    ...{ name: 'network-change', what: "change the host's interfaces, addresses and routes" },
    script: `ip link add "$LINK" type dummy && escaped link; ip addr add 127.9.9.9/32 dev lo && escaped address; ip route add 10.254.9.9/32 dev lo && escaped route; ip link set lo mtu 1400 && escaped mtu; true`,
    outside: (world) => world.changedNetwork(),
  },
  {
    ...{ name: 'ipc', what: "shared memory and queues of the host's" },
    open: { chroot: 'no IPC of its own' },
    script: `perl -e 'exit(defined shmget($ENV{SEGMENT}, 0, 0) ? 0 : 1)' && escaped shared; [ $(wc -l < /proc/sysvipc/shm) = 1 ] || escaped listed; true`,
  },
];

export const fileAttempts: readonly EscapeAttempt[] = [
  {
    ...{ name: 'context-copy', what: 'change the context, or the stored layer, by a file that COPY brought' },
    before: 'COPY file /from-context/file',
    script: `echo "$MARK" > /from-context/file; chmod 4777 /from-context/file; ln /from-context/file l; echo more >> l; perl -e 'truncate("/from-context/file", 0)'; touch -d '2001-01-01' l`,
    outside: (world) => world.changedContext(),
  },
  {
    ...{ name: 'context-bind', what: 'change the context by a writable mount of it' },
    flags: '--mount=type=bind,target=/at,rw',
    script: 'echo "$MARK" > /at/file; chmod 4777 /at/file; rm -rf /at/*; echo new > /at/new',
    outside: (world) => world.changedContext(),
  },
  {
    ...{ name: 'context-readonly', what: 'change it by a read-only mount', copies: true },
    flags: '--mount=type=bind,target=/at',
    script: `(echo "$MARK" > /at/file) 2>/dev/null && escaped written; chmod 777 /at/file 2>/dev/null && escaped mode; mount -o remount,bind,rw /at && escaped remounted; true`,
    outside: (world) => world.changedContext(),
  },
  {
    alone: true,
    ...{ name: 'base-write', what: 'change the base image, for this build or another, by its files' },
    script: `cp /bin/busybox b; cat b > /usr/bin/perl-copy; echo "$MARK" >> /etc/group; (echo x >> /etc/passwd); mv /bin/raw raw; cp raw /bin/raw; chmod 755 /bin/raw; true`,
    outside: (world) => world.changedBlobs(),
  },
  {
    ...{ name: 'stage-bind', what: 'change a stage by a writable mount of it' },
    flags: '--mount=type=bind,from=tools,source=/tools,target=/at,rw',
    script: 'echo "$MARK" > /at/kept; rm -rf /at/*; [ "$(cat /tools/kept)" = kept ] || escaped changed',
    outside: (world) => world.changedBlobs(),
  },
  {
    ...{ name: 'secret-write', what: 'change the file of a secret', copies: true },
    flags: '--mount=type=secret,id=s,target=/run/s',
    script: `(echo "$MARK" > /run/s) 2>/dev/null && escaped written; chmod 777 /run/s 2>/dev/null; true`,
    outside: (world) => world.changedSecret(),
  },
  {
    ...{ name: 'link-workdir', what: 'have WORKDIR make a folder of the host, by a link' },
    before: 'RUN ln -s $HOST/victim /link-workdir\nWORKDIR /link-workdir/$NAME\nWORKDIR /',
    ...{ script: 'true', outside: touched },
  },
  {
    ...{ name: 'link-copy', what: 'have COPY and ADD write to one' },
    before: 'RUN ln -s $HOST/victim /link-copy\nCOPY file /link-copy/$NAME\nADD nodes.tar /link-copy/',
    ...{ script: 'true', outside: touched },
  },
  {
    ...{ name: 'link-copy-file', what: 'have COPY write through a link to a file' },
    before: 'RUN ln -s $HOST/secret /link-file\nCOPY file /link-file',
    ...{ script: 'true', outside: (world) => world.changedSecret() },
  },
  {
    ...{ name: 'link-mount', what: 'have a mount made at one' },
    before: 'RUN ln -s $HOST/victim /link-mount',
    flags: '--mount=type=tmpfs,target=/link-mount/$NAME --mount=type=cache,target=/link-mount/$NAME-cache',
    ...{ script: 'true', outside: touched },
  },
  {
    ...{ name: 'link-source', what: 'have a file of the host copied by a link in a stage' },
    before:
      'RUN --network=none ln -s $HOST/secret /leak && mkdir /leaks && ln -s $HOST /leaks/dir\nCOPY --from=tools /tools /got/',
    flags: '--mount=type=bind,from=tools,target=/at',
    script:
      'for f in /got/* /got/*/secret /leak /leaks/dir/secret /at/link; do cat $f 2>/dev/null | grep -q "the secret of" && escaped $f; done; true',
    outside: (world) => world.leaked(),
  },
  {
    alone: true,
    ...{
      name: 'link-swap',
      what: 'have one packed into the layer, by a link that is swapped for a folder meanwhile',
    },
    script: `mkdir -p /swap/a; echo own > /swap/a/secret; ln -s $HOST /swap/b
      setsid perl -e 'close STDOUT; close STDERR; while (1) { syscall(316, -100, "/swap/a", -100, "/swap/b", 2) }' < /dev/null > /dev/null 2>&1 & 
      perl -e 'select(undef, undef, undef, 0.05)'`,
    outside: (world) => world.leaked(),
  },
  {
    ...{
      name: 'link-names',
      what: 'files that the builder itself reads: /etc/passwd and /etc/group as links, pipes and devices',
    },
    before: `RUN mv /etc/group /etc/group.old && ln -s $HOST/secret /etc/group && mv /etc/passwd /etc/passwd.old && ln -s $HOST/secret /etc/passwd
USER 0
RUN rm /etc/passwd /etc/group; mv /etc/passwd.old /etc/passwd; mv /etc/group.old /etc/group`,
    ...{ script: 'true', outside: (world) => world.leaked() },
  },
];

const daemon = (how: string): string => `${how} < /dev/null > /dev/null 2>&1 &`;
const survivor: EscapeAttempt['outside'] = (world, name) => world.survivors(name);

export const processAttempts: readonly EscapeAttempt[] = [
  {
    alone: true,
    ...{
      name: 'daemon',
      what: 'leave a daemon behind: its own session, deaf to all signals, twice forked',
      outside: survivor,
    },
    script: `${daemon(`setsid sh -c "trap '' TERM HUP INT QUIT; (sleep $MARK-$NAME 2>/dev/null || perl -e 'sleep 1 while 1' $MARK-$NAME) & exec perl -e 'sleep 1 while 1' $MARK-$NAME"`)}
      perl -e 'unless (fork) { unless (fork) { $SIG{$_} = "IGNORE" for keys %SIG; exec "perl", "-e", "sleep 1 while 1", "$ENV{MARK}-$ENV{NAME}" } exit } wait'`,
  },
  {
    alone: true,
    ...{ name: 'stopped', what: 'leave processes that are stopped, or traced', outside: survivor },
    script: `perl -e 'for (1 .. 3) { unless (fork) { exec "perl", "-e", "kill STOP => \\$\\$; sleep 1 while 1", "$ENV{MARK}-$ENV{NAME}" } } unless (fork) { syscall(101, 0, 0, 0, 0); exec "perl", "-e", "sleep 1 while 1", "$ENV{MARK}-$ENV{NAME}" } select(undef, undef, undef, 0.05)'`,
  },
  {
    alone: true,
    ...{ name: 'fork-loop', what: 'leave processes that fork faster than they are found', outside: survivor },
    script: `perl -e 'for (1 .. 8) { next if fork; for (1 .. 400) { exit if fork } exec "perl", "-e", "sleep 1 while 1", "$ENV{MARK}-$ENV{NAME}" } select(undef, undef, undef, 0.05)'`,
  },
  {
    alone: true,
    ...{ name: 'subreaper', what: 'leave them below a process that adopts orphans', outside: survivor },
    script: `${daemon(`perl -e 'syscall(157, 36, 1, 0, 0, 0); unless (fork) { unless (fork) { sleep 1 while 1 } exit } sleep 1 while 1' $MARK-$NAME`)}\nperl -e 'select(undef, undef, undef, 0.05)'`,
  },
  {
    alone: true,
    ...{ name: 'parent-death', what: 'kill what watches over the step', outside: survivor },
    script: `${daemon(`perl -e 'sleep 1 while 1' $MARK-$NAME`)}\nkill -9 -1; kill -9 1; [ ! -e /proc/self ] || kill -9 0; true`,
  },
];
