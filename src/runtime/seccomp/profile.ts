// Which system calls a step may make: what Docker's default profile gives to a container with the default capabilities.
//
// The profile is a list of what is allowed; here is its complement. Calls that are newer than both do not exist for a step.
import { constants } from 'node:os';

const { EPERM, ENOSYS } = constants.errno;

/** The last call that the profile was written with (Linux 6.13); from 424 on calls have one number everywhere. */
export const lastCall = 466;

/** Numbers of a call for x86-64, i386, AArch64 and ARM; 0 where there is none. */
type Numbers = readonly [number, number, number, number];

/** Refused with EPERM. */
export const refused: Readonly<Record<string, Numbers>> = {
  _sysctl: [156, 149, 0, 149],
  acct: [163, 51, 89, 51],
  add_key: [248, 286, 217, 309],
  afs_syscall: [183, 137, 0, 0],
  bdflush: [0, 134, 0, 134],
  bpf: [321, 357, 280, 386],
  clock_settime: [227, 264, 112, 262],
  clock_settime64: [0, 404, 0, 404],
  create_module: [174, 127, 0, 0],
  delete_module: [176, 129, 106, 129],
  fanotify_init: [300, 338, 262, 367],
  finit_module: [313, 350, 273, 379],
  get_kernel_syms: [177, 130, 0, 0],
  get_mempolicy: [239, 275, 236, 320],
  getpmsg: [181, 188, 0, 0],
  init_module: [175, 128, 105, 128],
  ioperm: [173, 101, 0, 0],
  iopl: [172, 110, 0, 0],
  kcmp: [312, 349, 272, 378],
  kexec_file_load: [320, 0, 294, 401],
  kexec_load: [246, 283, 104, 347],
  keyctl: [250, 288, 219, 311],
  lookup_dcookie: [212, 253, 18, 249],
  mbind: [237, 274, 235, 319],
  migrate_pages: [256, 294, 238, 400],
  mount: [165, 21, 40, 21],
  move_pages: [279, 317, 239, 344],
  nfsservctl: [180, 169, 42, 169],
  nice: [0, 34, 0, 34],
  oldfstat: [0, 28, 0, 0],
  oldlstat: [0, 84, 0, 0],
  oldolduname: [0, 59, 0, 0],
  oldstat: [0, 18, 0, 0],
  olduname: [0, 109, 0, 0],
  open_by_handle_at: [304, 342, 265, 371],
  pciconfig_iobase: [0, 0, 0, 271],
  pciconfig_read: [0, 0, 0, 272],
  pciconfig_write: [0, 0, 0, 273],
  perf_event_open: [298, 336, 241, 364],
  pivot_root: [155, 217, 41, 218],
  putpmsg: [182, 189, 0, 0],
  query_module: [178, 167, 0, 0],
  quotactl: [179, 131, 60, 131],
  readdir: [0, 89, 0, 0],
  reboot: [169, 88, 142, 88],
  request_key: [249, 287, 218, 310],
  security: [185, 0, 0, 0],
  set_mempolicy: [238, 276, 237, 321],
  setdomainname: [171, 121, 162, 121],
  sethostname: [170, 74, 161, 74],
  setns: [308, 346, 268, 375],
  settimeofday: [164, 79, 170, 79],
  sgetmask: [0, 68, 0, 0],
  sigaction: [0, 67, 0, 67],
  signal: [0, 48, 0, 0],
  sigpending: [0, 73, 0, 73],
  sigsuspend: [0, 72, 0, 72],
  ssetmask: [0, 69, 0, 0],
  stime: [0, 25, 0, 0],
  swapoff: [168, 115, 225, 115],
  swapon: [167, 87, 224, 87],
  sysfs: [139, 135, 0, 135],
  syslog: [103, 103, 116, 103],
  tuxcall: [184, 0, 0, 0],
  umount: [0, 22, 0, 0],
  umount2: [166, 52, 39, 52],
  unshare: [272, 310, 97, 337],
  uprobe: [336, 0, 0, 0],
  uselib: [134, 86, 0, 86],
  userfaultfd: [323, 374, 282, 388],
  ustat: [136, 62, 0, 62],
  vhangup: [153, 111, 58, 111],
  vm86: [0, 166, 0, 0],
  vm86old: [0, 113, 0, 0],
  vserver: [236, 273, 0, 313],
};

/** The same, for calls that have one number everywhere. */
export const refusedEverywhere: Readonly<Record<string, number>> = {
  ...{ io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427, open_tree: 428, move_mount: 429 },
  ...{ fsopen: 430, fsconfig: 431, fsmount: 432, fspick: 433, pidfd_getfd: 438, process_madvise: 440 },
  ...{ mount_setattr: 442, quotactl_fd: 443, set_mempolicy_home_node: 450 },
  ...{ lsm_get_self_attr: 459, lsm_set_self_attr: 460, lsm_list_modules: 461 },
};

/** Every namespace that a process could make; the exit signal lies below. */
export const namespaceFlags = 0x7e020000;

/** Of Linux, of Solaris' kind, and with uname's old numbers; and the question which one it is. */
export const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** Families that kernels have no more, AF_ALG (38), AF_VSOCK (40). */
export const refusedFamilies = [12, 19, 20, 23, 25, 34, 37, 38, 40];
export const lastFamily = 45;

/** What becomes of a call. */
export type Rule =
  | { type: 'allow' }
  | { type: 'refuse'; errno: number }
  /** EPERM where the first argument has one of these bits. */
  | { type: 'without bits'; mask: number }
  /** EPERM where the first argument is none of these. */
  | { type: 'one of'; values: readonly number[] }
  /** EPERM where the first argument is one of these, or above `last`. */
  | { type: 'none of'; values: readonly number[]; last: number };

export interface AbiProfile {
  /** AUDIT_ARCH_* as the kernel gives it to filters. */
  audit: number;
  /** Rules by number; other calls up to `lastCall` are allowed. */
  rules: ReadonlyMap<number, Rule>;
  /** Calls beyond `lastCall` that are allowed. */
  beyond: readonly number[];
}

const arguments0: Readonly<Record<'clone' | 'personality' | 'socket', Numbers>> = {
  clone: [56, 120, 220, 120],
  personality: [135, 136, 92, 136],
  socket: [41, 359, 198, 281],
};

function abi(audit: number, column: 0 | 1 | 2 | 3, beyond: readonly number[] = []): AbiProfile {
  const rules = new Map<number, Rule>();
  const refuse = { type: 'refuse', errno: EPERM } as const;
  for (const numbers of Object.values(refused)) if (numbers[column] !== 0) rules.set(numbers[column], refuse);
  for (const number of Object.values(refusedEverywhere)) rules.set(number, refuse);
  rules.set(arguments0.clone[column], { type: 'without bits', mask: namespaceFlags });
  rules.set(arguments0.personality[column], { type: 'one of', values: personalities });
  rules.set(arguments0.socket[column], { type: 'none of', values: refusedFamilies, last: lastFamily });
  // Its flags lie in memory, where no filter can look: C libraries then take clone.
  rules.set(435, { type: 'refuse', errno: ENOSYS });
  return { audit, rules, beyond };
}

/**
 * The ABIs in which programs of a machine may make calls. That of x32 is none: its calls have numbers beyond the last.
 * @param architecture as `process.arch` has it; undefined where there is no profile for it.
 */
export function profileOf(architecture: string): AbiProfile[] | undefined {
  if (architecture === 'x64') return [abi(0xc000003e, 0), abi(0x40000003, 1)];
  // Beyond lie breakpoint, cacheflush and set_tls.
  if (architecture === 'arm64') return [abi(0xc00000b7, 2), abi(0x40000028, 3, [0xf0001, 0xf0002, 0xf0005])];
  return undefined;
}
