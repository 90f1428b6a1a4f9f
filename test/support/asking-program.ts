// A static program of x86-64 that asks the kernel for system calls, in its own ABI and in that of i386, and tells what each answers.
//
// It sets a filter of its own first, by which a call whose sixth argument is `magic` goes to a tracer that there is not: the call is not
// made, and the answer is ENOSYS. What a filter around it refuses is refused before that.

/** In the sixth argument: the call is never made. */
export const magic = 0x51e9a7;

export interface Asked {
  abi: 'x86-64' | 'i386';
  number: number;
  /** The first argument; the others are 0. */
  argument: number;
  /** Really asked: only where any answer is harmless. */
  made?: true;
}

const address = 0x400000;
const headerSize = 120;
const recordSize = 16;

const word = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes.toString('hex');
};

/** `load args[5]; == magic ? trace : allow`, and struct sock_fprog in front of it. */
function ownFilter(at: number): Buffer {
  const instructions = [
    [0x20, 56],
    [0x01_00_0015, magic],
    [0x06, 0x7ff00000],
    [0x06, 0x7fff0000],
  ];
  const bytes = Buffer.alloc(16 + 8 * instructions.length);
  bytes.writeUInt16LE(instructions.length, 0);
  bytes.writeBigUInt64LE(BigInt(at + 16), 8);
  for (const [index, [code = 0, k = 0]] of instructions.entries()) {
    bytes.writeUInt16LE(code & 0xffff, 16 + 8 * index);
    // Where the comparison does not hold, one instruction is skipped.
    bytes.writeUInt8(code >>> 24, 16 + 8 * index + 3);
    bytes.writeUInt32LE(k, 16 + 8 * index + 4);
  }
  return bytes;
}

function code(places: { filter: number; table: number }, count: number): string {
  const clearFour = '4531d24531c0'; // xor r10d,r10d; xor r8d,r8d
  const ask64 = `418b7c240831f631d2${clearFour}458b4c240c0f05eb12`; // edi=[r12+8], r9d=[r12+12]; syscall; jmp over what follows
  const ask32 = '418b5c240831c931d231f631ff418b6c240ccd80'; // ebx=[r12+8], ebp=[r12+12]; int 0x80
  const jump = ask32.length / 2;
  const kind = `418b042441837c24040075${(ask64.length / 2).toString(16).padStart(2, '0')}`; // eax=[r12]; i386?
  const keep = '418944240c4983c41041ffcd'; // [r12+12]=eax; r12+=16; r13d--
  const loop = `${kind}${ask64.slice(0, -2)}${jump.toString(16).padStart(2, '0')}${ask32}${keep}`;
  const back = (256 - loop.length / 2 - 2).toString(16);
  return [
    `b89d000000bf26000000be0100000031d2${clearFour}0f05`, // prctl(PR_SET_NO_NEW_PRIVS, 1)
    `b83d010000bf0100000031f648ba${word(places.filter)}000000000f05`, // seccomp(SECCOMP_SET_MODE_FILTER)
    '85c0740cb8e7000000bf030000000f05', // or exit_group(3)
    `49bc${word(places.table)}0000000041bd${word(count)}`,
    `${loop}75${back}`,
    '4531c9', // r9d=0: these are made
    `b801000000bf0100000048be${word(places.table)}00000000ba${word(count * recordSize)}0f05`, // write
    'b8e700000031ff0f05', // exit_group(0)
  ].join('');
}

/** Writes its table, in which the answers are, to its standard output. */
export function askingProgram(asked: readonly Asked[]): Buffer {
  const codeSize = code({ filter: 0, table: 0 }, 0).length / 2;
  const filter = address + headerSize + codeSize;
  const filterBytes = ownFilter(filter);
  const table = filter + filterBytes.length;
  const header = Buffer.alloc(headerSize);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  for (const [value, at] of [
    ...[
      [2, 16],
      [62, 18],
      [1, 20],
      [64, 52],
      [56, 54],
      [1, 56],
    ],
    ...[[1, 64]],
  ] as const)
    header.writeUInt16LE(value, at);
  // It writes to its table: all of it may be read, written and run.
  header.writeUInt32LE(7, 68);
  header.writeBigUInt64LE(BigInt(address + headerSize), 24);
  header.writeBigUInt64LE(64n, 32);
  const size = headerSize + codeSize + filterBytes.length + asked.length * recordSize;
  for (const at of [80, 88]) header.writeBigUInt64LE(BigInt(address), at);
  for (const at of [96, 104]) header.writeBigUInt64LE(BigInt(size), at);
  header.writeBigUInt64LE(0x1000n, 112);
  const records = Buffer.alloc(asked.length * recordSize);
  for (const [index, { abi, number, argument, made }] of asked.entries()) {
    const fields = [number, abi === 'i386' ? 1 : 0, argument >>> 0, made ? 0 : magic];
    for (const [field, value] of fields.entries())
      records.writeUInt32LE(value, index * recordSize + 4 * field);
  }
  const text = Buffer.from(code({ filter, table }, asked.length), 'hex');
  return Buffer.concat([header, text, filterBytes, records]);
}

/** Of each call that was asked for the error, or 0. */
export function readAnswers(table: Buffer): number[] {
  return Array.from({ length: table.length / recordSize }, (_, index) =>
    Math.max(0, -table.readInt32LE(index * recordSize + 12)),
  );
}
