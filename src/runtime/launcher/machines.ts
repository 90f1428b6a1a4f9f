// The machine code of the launcher, and the numbers of its system calls, for each architecture that has one.
//
// The code reads a program (launch-program.ts) from descriptor 3 to a fixed address, and makes the system calls that it
// lists, one after the other; where it is led to no call, it reads the next program. It is in the listings beside the bytes.

/** Where a program lies in the launcher's memory, and how much there may be of it. */
export const programBase = 0x10000000;
export const programLimit = 16 * 1024 * 1024;

/** Words of a call: number, six arguments, where its result goes, a result and where that leads, where errors lead. */
export const callWords = 11;

/** Words before the first call: size of what follows, place and result of the call that failed last. */
export const headerWords = 3;

export interface Machine {
  /** e_machine of ELF. */
  elf: number;
  code: Buffer;
  calls: Readonly<Record<CallName, number>>;
  /** O_DIRECTORY, which is not the same everywhere. */
  directory: number;
}

// x86-64: r14 the program, r12 where to read to, then the call at work, r13 how much to read.
const x64Code = [
  '41be00000010', // start: mov r14d, 0x10000000
  '4589f4', // mov r12d, r14d
  '41bd08000000', // mov r13d, 8
  'b82d000000', // receive: mov eax, 45 (recvfrom)
  'bf03000000', // mov edi, 3
  '4c89e6', // mov rsi, r12
  '4c89ea', // mov rdx, r13
  '41ba00010000', // mov r10d, 0x100 (MSG_WAITALL)
  '4531c0', // xor r8d, r8d
  '4531c9', // xor r9d, r9d
  '0f05', // syscall
  '4c39e8', // cmp rax, r13
  '756d', // jne die
  '4983c408', // add r12, 8
  '4d8b2e', // mov r13, [r14]
  '4883f808', // cmp rax, 8
  '74d0', // je receive (the size has come, now the rest)
  '4d8d6618', // lea r12, [r14 + 24]
  '4d85e4', // call: test r12, r12
  '74b8', // jz start (for the next program)
  '498b0424', // mov rax, [r12]
  '498b7c2408', // mov rdi, [r12 + 8]
  '498b742410', // mov rsi, [r12 + 16]
  '498b542418', // mov rdx, [r12 + 24]
  '4d8b542420', // mov r10, [r12 + 32]
  '4d8b442428', // mov r8, [r12 + 40]
  '4d8b4c2430', // mov r9, [r12 + 48]
  '0f05', // syscall
  '498b4c2438', // mov rcx, [r12 + 56]
  '488901', // mov [rcx], rax
  '493b442440', // cmp rax, [r12 + 64]
  '7507', // jne other
  '4d8b642448', // mov r12, [r12 + 72]
  'ebc1', // jmp call
  '483d00f0ffff', // other: cmp rax, -4096
  '7706', // ja error
  '4983c458', // add r12, 88
  'ebb3', // jmp call
  '4d896608', // error: mov [r14 + 8], r12
  '49894610', // mov [r14 + 16], rax
  '4d8b642450', // mov r12, [r12 + 80]
  'eba4', // jmp call
  'b8e7000000', // die: mov eax, 231 (exit_group)
  'bf01000000', // mov edi, 1
  '0f05', // syscall
];

// AArch64: x20 the program, x21 where to read to, then the call at work, x22 how much to read.
const arm64Code = [
  0xd2a20014, // start: mov x20, #0x10000000
  0xaa1403f5, // mov x21, x20
  0xd2800116, // mov x22, #8
  0xd28019e8, // receive: mov x8, #207 (recvfrom)
  0xd2800060, // mov x0, #3
  0xaa1503e1, // mov x1, x21
  0xaa1603e2, // mov x2, x22
  0xd2802003, // mov x3, #0x100 (MSG_WAITALL)
  0xaa1f03e4, // mov x4, xzr
  0xaa1f03e5, // mov x5, xzr
  0xd4000001, // svc #0
  0xeb16001f, // cmp x0, x22
  0x54000341, // b.ne die
  0x910022b5, // add x21, x21, #8
  0xf9400296, // ldr x22, [x20]
  0xf100201f, // cmp x0, #8
  0x54fffe60, // b.eq receive (the size has come, now the rest)
  0x91006295, // add x21, x20, #24
  0xb4fffdd5, // call: cbz x21, start (for the next program)
  0xa94002a8, // ldp x8, x0, [x21]
  0xa9410aa1, // ldp x1, x2, [x21, #16]
  0xa94212a3, // ldp x3, x4, [x21, #32]
  0xa94326a5, // ldp x5, x9, [x21, #48]
  0xd4000001, // svc #0
  0xf9000120, // str x0, [x9]
  0xa9442aa9, // ldp x9, x10, [x21, #64]
  0xeb09001f, // cmp x0, x9
  0x54000061, // b.ne other
  0xaa0a03f5, // mov x21, x10
  0x17fffff5, // b call
  0xb140041f, // other: cmn x0, #4096
  0x54000068, // b.hi error
  0x910162b5, // add x21, x21, #88
  0x17fffff1, // b call
  0xf9000695, // error: str x21, [x20, #8]
  0xf9000a80, // str x0, [x20, #16]
  0xf9402ab5, // ldr x21, [x21, #80]
  0x17ffffed, // b call
  0xd2800bc8, // die: mov x8, #94 (exit_group)
  0xd2800020, // mov x0, #1
  0xd4000001, // svc #0
];

/** x86-64 and AArch64. */
const numbers = {
  capset: [126, 91],
  chdir: [80, 49],
  chroot: [161, 51],
  clone: [56, 220],
  close: [3, 57],
  close_range: [436, 436],
  dup3: [292, 24],
  eventfd2: [290, 19],
  execve: [59, 221],
  execveat: [322, 281],
  exit_group: [231, 94],
  fchmodat: [268, 53],
  fchown: [93, 55],
  fchdir: [81, 50],
  fcntl: [72, 25],
  getpgid: [121, 155],
  getppid: [110, 173],
  ioctl: [16, 29],
  landlock_create_ruleset: [444, 444],
  landlock_restrict_self: [446, 446],
  mkdirat: [258, 34],
  mknodat: [259, 33],
  mount: [165, 40],
  mount_setattr: [442, 442],
  openat: [257, 56],
  openat2: [437, 437],
  pipe2: [293, 59],
  pivot_root: [155, 41],
  prctl: [157, 167],
  prlimit64: [302, 261],
  ptrace: [101, 117],
  read: [0, 63],
  recvfrom: [45, 207],
  rt_sigprocmask: [14, 135],
  rt_sigtimedwait: [128, 137],
  seccomp: [317, 277],
  sendfile: [40, 71],
  sethostname: [170, 161],
  setgroups: [116, 159],
  setresgid: [119, 149],
  setresuid: [117, 147],
  setsid: [112, 157],
  socket: [41, 198],
  statx: [332, 291],
  symlinkat: [266, 36],
  umask: [95, 166],
  umount2: [166, 39],
  unshare: [272, 97],
  wait4: [61, 260],
  write: [1, 64],
} as const;

export type CallName = keyof typeof numbers;

const column = (index: 0 | 1): Record<CallName, number> =>
  Object.fromEntries(Object.entries(numbers).map(([name, pair]) => [name, pair[index]])) as Record<
    CallName,
    number
  >;

function words(list: readonly number[]): Buffer {
  const code = Buffer.alloc(list.length * 4);
  for (const [index, word] of list.entries()) code.writeUInt32LE(word, index * 4);
  return code;
}

/** @param architecture as `process.arch` has it; undefined where there is no launcher for it. */
export function machineOf(architecture: string): Machine | undefined {
  if (architecture === 'x64')
    return { elf: 62, code: Buffer.from(x64Code.join(''), 'hex'), calls: column(0), directory: 0x10000 };
  if (architecture === 'arm64')
    return { elf: 183, code: words(arm64Code), calls: column(1), directory: 0x4000 };
  return undefined;
}
