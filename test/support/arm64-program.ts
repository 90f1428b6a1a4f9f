// A program for arm64, as small as can be: it writes "hello from arm64" and ends.

/** @param mark up to seven bytes for the padding of the file's head, by which a binfmt_misc entry can tell it from others. */
export function arm64Program(mark = ''): Buffer {
  const text = Buffer.from('hello from arm64\n');
  const code = [
    0xd2800020, // mov x0, #1
    0x100000e1, // adr x1, text
    0xd2800002 + (text.length << 5), // mov x2, #length
    0xd2800808, // mov x8, #64 (write)
    0xd4000001, // svc #0
    0xd2800000, // mov x0, #0
    0xd2800ba8, // mov x8, #93 (exit)
    0xd4000001, // svc #0
  ];
  const head = Buffer.alloc(64 + 56 + code.length * 4);
  head.write('\x7fELF\x02\x01\x01', 'latin1');
  head.write(mark, 9, 7, 'latin1');
  head.writeUInt16LE(2, 16); // ET_EXEC
  head.writeUInt16LE(183, 18); // EM_AARCH64
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(0x400078n, 24); // entry
  head.writeBigUInt64LE(64n, 32); // program headers
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  const size = BigInt(head.length + text.length);
  head.writeUInt32LE(1, 64); // PT_LOAD
  head.writeUInt32LE(5, 68); // readable, executable
  head.writeBigUInt64LE(0x400000n, 80);
  head.writeBigUInt64LE(0x400000n, 88);
  head.writeBigUInt64LE(size, 96);
  head.writeBigUInt64LE(size, 104);
  head.writeBigUInt64LE(0x10000n, 112);
  for (const [index, instruction] of code.entries()) head.writeUInt32LE(instruction, 120 + index * 4);
  return Buffer.concat([head, text]);
}
