import { createChrootRuntime } from '../../src/runtime/chroot.ts';
import { runtimeContract } from '../contract/runtime.ts';
import { stepWorks } from '../support/step-bench.ts';

const works = await stepWorks(createChrootRuntime(), { whole: true });

/** What there is no namespace or mount for; chroot-step.test.ts has what there is instead. */
const without = [
  // They look into /proc.
  'the command is process 1 and sees its own processes alone',
  'daemons that left their session and ignore every signal they can end with the step, however it ends',
  'root has the default capabilities, another user none, and no more can be gained',
  '/proc and /sys are the step’s own, confined and masked',
  '/dev/stdout and /dev/stderr can be opened, by a plain user too',
  'a plain user can open /dev/stdin',
  '/dev holds the usual nodes and links, and they work',
  'what a command reads that is given nothing is empty, and is no file of the host',
  'network none has the loopback alone, and it is up',
  'CPU, memory and processes are limited as asked',
  // It has to be process 1, which its own signals can't end.
  'a step that signals its own group reaches nothing but itself',
  // They need mounts.
  'a root that is read-only can not be written to, what is mounted can',
  'what a step writes is in the upper, and lower layers show',
  'a bind shows a folder or a file, read-only where asked',
  'a tmpfs is empty, has its size, and keeps the mode of what it hides',
  'a tree mount shows a part of another root; writes to it are dropped',
  'mounts lie one below another, in their order',
  'limits and the size of /dev/shm are those given',
  'shared memory, files and descriptors end where they are limited',
  'an insecure step has the nodes of this machine for mounting and tracing, another has not',
  'an insecure step may mount and write to /proc/sys',
  // They need CAP_SYS_CHROOT or a host name.
  'the root of the host can not be reached by chroot',
  'the host name is the step’s',
  'several steps run at once',
];

runtimeContract({ name: 'chroot', create: () => createChrootRuntime(), works, whole: true, without });
