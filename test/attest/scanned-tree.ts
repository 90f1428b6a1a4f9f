// Trees of fixtures that can be scanned, and a Go program that is only its build information.
import type { ScannedFiles } from '../../src/attest/sbom/found-package.ts';
import { file, memoryTree } from '../support/memory-tree.ts';

export function scanned(
  entries: Record<string, string | Buffer>,
  executables: readonly string[] = [],
): ScannedFiles {
  const contents = new Map(
    Object.entries(entries).map(([path, data]) => [path, Buffer.from(data as string)]),
  );
  const nodes = [...contents].map(([path, data]) => {
    const node = file('', { mode: executables.includes(path) ? 0o755 : 0o644 });
    node.entry.size = data.length;
    return [path, node] as const;
  });
  return {
    tree: memoryTree(Object.fromEntries(nodes)),
    read(path, offset, length) {
      const data = contents.get(path);
      if (!data) throw new Error(`${path} is no file`);
      return data.subarray(offset, offset + length);
    },
  };
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** An ELF file with the sections .go.buildinfo and .shstrtab, as large as a program. */
export function goBinary(version: string, modules: string): Buffer {
  const marked = `${'0'.repeat(16)}${modules}${'1'.repeat(16)}`;
  const head = Buffer.alloc(32);
  head.write('\xff Go buildinf:', 'latin1');
  head[14] = 8;
  head[15] = 2;
  const info = Buffer.concat([
    ...[head, varint(version.length), Buffer.from(version)],
    ...[varint(marked.length), Buffer.from(marked)],
  ]);
  const names = Buffer.from('\0.go.buildinfo\0.shstrtab\0');
  const infoAt = 64;
  const namesAt = infoAt + info.length;
  const tableAt = namesAt + names.length;
  const section = (name: number, offset: number, size: number): Buffer => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(name, 0);
    entry.writeBigUInt64LE(BigInt(offset), 24);
    entry.writeBigUInt64LE(BigInt(size), 32);
    return entry;
  };
  const elf = Buffer.alloc(64);
  elf.writeUInt32BE(0x7f454c46, 0);
  elf[4] = 2;
  elf[5] = 1;
  elf.writeBigUInt64LE(BigInt(tableAt), 40);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(3, 60);
  elf.writeUInt16LE(2, 62);
  const table = [section(0, 0, 0), section(1, infoAt, info.length), section(15, namesAt, names.length)];
  return Buffer.concat([elf, info, names, ...table, Buffer.alloc(300 << 10)]);
}
