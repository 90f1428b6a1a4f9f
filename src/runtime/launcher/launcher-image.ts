// The launcher as a static ELF executable of some hundred bytes: its code, and memory for a program. Pure.
import { type Machine, programBase, programLimit } from './machines.ts';

const codeBase = 0x400000;
const headerSize = 64;
const segmentSize = 56;
const segments = 3;

interface Segment {
  type: number;
  flags: number;
  address: number;
  fileSize: number;
  memorySize: number;
}

const readable = 4;
const writable = 2;
const executable = 1;

function segmentHeader({ type, flags, address, fileSize, memorySize }: Segment): Buffer {
  const header = Buffer.alloc(segmentSize);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(flags, 4);
  header.writeBigUInt64LE(BigInt(address), 16);
  header.writeBigUInt64LE(BigInt(address), 24);
  header.writeBigUInt64LE(BigInt(fileSize), 32);
  header.writeBigUInt64LE(BigInt(memorySize), 40);
  // The largest page that there is.
  header.writeBigUInt64LE(0x10000n, 48);
  return header;
}

/** The bytes of the executable (System V ABI, chapters 4 and 5). No page of it is writable and executable. */
export function launcherImage(machine: Machine): Buffer {
  const entry = headerSize + segments * segmentSize;
  const size = entry + machine.code.length;
  const header = Buffer.alloc(headerSize);
  // ELF, 64 bits, little-endian, version 1; an executable for this machine.
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine.elf, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(codeBase + entry), 24);
  header.writeBigUInt64LE(BigInt(headerSize), 32);
  header.writeUInt16LE(headerSize, 52);
  header.writeUInt16LE(segmentSize, 54);
  header.writeUInt16LE(segments, 56);
  const load = 1;
  const stack = 0x6474e551;
  const flags = readable | writable;
  return Buffer.concat([
    header,
    segmentHeader({
      ...{ type: load, flags: readable | executable, address: codeBase },
      ...{ fileSize: size, memorySize: size },
    }),
    segmentHeader({ type: load, flags, address: programBase, fileSize: 0, memorySize: programLimit }),
    segmentHeader({ type: stack, flags, address: 0, fileSize: 0, memorySize: 0 }),
    machine.code,
  ]);
}
