// Contexts that are made up from a seed: the same files on every machine.
import { createCipheriv, createHash } from 'node:crypto';
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Bytes that can't be told from random ones: AES in counter mode over zeros. */
export function randomStream(seed: number): (size: number) => Buffer {
  const key = createHash('sha256').update(`bench ${seed}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (size) => cipher.update(Buffer.alloc(size));
}

const letters = 'etaoinshrdlucmfwygpbvk';
const words = (() => {
  const random = randomStream(1)(40_000);
  return Array.from({ length: 4000 }, (_, index) => {
    const bytes = random.subarray(index * 10, index * 10 + 10);
    const length = 2 + (bytes[0]! % 8);
    return [...bytes.subarray(1, 1 + length)].map((byte) => letters[byte % letters.length]).join('');
  });
})();

/** Text of made-up words; those with low numbers come more often, as in a language. gzip halves it and more. */
export function makeText(random: (size: number) => Buffer, size: number): Buffer {
  const parts: string[] = [];
  let length = 0;
  while (length < size) {
    const choices = random(4096);
    for (let at = 0; at + 3 < choices.length && length < size; at += 4) {
      const share = choices.readUInt32LE(at) / 2 ** 32;
      const word = words[Math.floor(share * share * share * words.length)]!;
      parts.push(word);
      length += word.length + 1;
    }
  }
  return Buffer.from(`${parts.join(' ')}\n`).subarray(0, size);
}

export interface FilesOptions {
  count: number;
  /** Bytes of a file, on average. */
  size: number;
  seed?: number;
  /** Files in a folder. */
  perFolder?: number;
}

/** Writes files of text in folders of folders below `folder`, which is made. Modes do not depend on the umask. */
export function writeFiles(folder: string, { count, size, seed = 2, perFolder = 50 }: FilesOptions): void {
  const random = randomStream(seed);
  const pool = makeText(random, 4 << 20);
  const choices = random(count * 8);
  const extensions = ['ts', 'json', 'md', 'css', 'txt'];
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (let index = 0; index < count; index++) {
    const group = Math.floor(index / perFolder);
    const name = `d${group % 20}/e${Math.floor(group / 20)}/file-${index}.${extensions[index % extensions.length]}`;
    const path = join(folder, name);
    if (index % perFolder === 0) mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    // A tenth of the average to almost twice that.
    const length = Math.floor(size * (0.1 + 1.8 * (choices.readUInt32LE(index * 8) / 2 ** 32)));
    const start = choices.readUInt32LE(index * 8 + 4) % (pool.length - length);
    // The first line makes each its own.
    writeFileSync(path, Buffer.concat([Buffer.from(`${index}\n`), pool.subarray(start, start + length)]));
    chmodSync(path, 0o644);
  }
}

export const MIXED =
  'blocks of 64 KiB: 3 of 8 random bytes, 4 of 8 made-up words, 1 of 8 records with counters';

/** A file of `MIXED`. */
export function writeMixedFile(path: string, size: number): void {
  const random = randomStream(3);
  const block = 64 << 10;
  const records = (number: number): Buffer => {
    const bytes = Buffer.alloc(block);
    for (let at = 0; at < block; at += 16) {
      bytes.writeUInt32LE(number * 4096 + at / 16, at);
      bytes.writeUInt32LE(0x3f800000, at + 8);
    }
    return bytes;
  };
  const file = openSync(path, 'w', 0o644);
  for (let number = 0; number * block < size; number++) {
    const kind = number % 8;
    const bytes = kind < 3 ? random(block) : kind < 7 ? makeText(random, block) : records(number);
    writeSync(file, bytes, 0, Math.min(block, size - number * block));
  }
  closeSync(file);
}

/** A file of random blocks of 1 MiB with holes of 3 MiB between them. */
export function writeHoleyFile(path: string, size: number): void {
  const random = randomStream(4);
  const file = openSync(path, 'w', 0o644);
  for (let at = 0; at < size; at += 4 << 20) writeSync(file, random(1 << 20), 0, 1 << 20, at);
  ftruncateSync(file, size);
  closeSync(file);
}
