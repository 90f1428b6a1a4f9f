// What lies in a folder, as the listing of an image has it: paths, types, modes, owners, sizes, targets of links.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { decodeName, encodePath, readNames } from '../../../src/fs/path-bytes.ts';

function typeOf(stat: Stats): string {
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isCharacterDevice()) return 'char';
  if (stat.isBlockDevice()) return 'block';
  return stat.isFIFO() ? 'fifo' : 'file';
}

export function listHost(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = [''];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const name of readNames(folder + path)) {
      const inner = `${path}/${name}`;
      const host = encodePath(folder + inner);
      const stat = lstatSync(host);
      const type = typeOf(stat);
      const target = type === 'symlink' ? decodeName(readlinkSync(host, { encoding: 'buffer' })) : '';
      const mode = type === 'symlink' ? '' : stat.mode & 0o7777;
      found.set(inner, [type, mode, stat.uid, type === 'file' ? stat.size : '', target].join(' '));
      if (type === 'dir') waiting.push(inner);
    }
  }
  return found;
}
