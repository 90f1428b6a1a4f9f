// A directory as the entries of a layer, for tests: what a snapshot would give for it.
import { lstatSync, readlinkSync } from 'node:fs';
import { decodeName, encodePath, readNames } from '../../src/fs/path-bytes.ts';
import { loadSys } from '../../src/fs/sys.ts';
import type { EntryType, LayerEntry, TreeEntry } from '../../src/seams.ts';

const types: Record<number, EntryType> = {
  [0o010000]: 'fifo',
  [0o020000]: 'char',
  [0o040000]: 'dir',
  [0o060000]: 'block',
  [0o100000]: 'file',
  [0o120000]: 'symlink',
  [0o140000]: 'socket',
};

export function statOf(hostPath: string): TreeEntry {
  const stat = lstatSync(encodePath(hostPath), { bigint: true });
  const type = types[Number(stat.mode) & 0o170000]!;
  const isDevice = type === 'char' || type === 'block';
  return {
    type,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: type === 'file' ? Number(stat.size) : 0,
    mtime: stat.mtimeNs,
    major: isDevice ? Number((stat.rdev >> 8n) & 0xfffn) : 0,
    minor: isDevice ? Number((stat.rdev & 0xffn) | ((stat.rdev >> 12n) & 0xfff00n)) : 0,
    link: type === 'file' && stat.nlink > 1n ? `${stat.ino}` : '',
  };
}

/** Sorted, parents first; the root itself too if `withRoot`. */
export function* treeEntries(
  root: string,
  options: { withRoot?: boolean; xattrs?: boolean } = {},
): Generator<LayerEntry> {
  const links = new Map<string, string>();
  function* visit(path: string): Generator<LayerEntry> {
    const hostPath = path === '' ? root : `${root}/${path}`;
    const stat = statOf(hostPath);
    if (path !== '' || options.withRoot) {
      const hardLinkTo = stat.link === '' ? undefined : links.get(stat.link);
      if (stat.link !== '' && hardLinkTo === undefined) links.set(stat.link, path);
      yield {
        kind: 'entry',
        path,
        stat,
        linkTarget:
          stat.type === 'symlink'
            ? decodeName(readlinkSync(encodePath(hostPath), { encoding: 'buffer' }))
            : '',
        hardLinkTo,
        xattrs: options.xattrs ? xattrsOf(hostPath) : {},
        content: stat.type === 'file' ? hostPath : undefined,
      };
    }
    if (stat.type !== 'dir') return;
    for (const name of readNames(hostPath)) yield* visit(path === '' ? name : `${path}/${name}`);
  }
  yield* visit('');
}

export function xattrsOf(hostPath: string): Record<string, Buffer> {
  const sys = loadSys();
  return Object.fromEntries(sys.listXattr(hostPath).map((name) => [name, sys.getXattr(hostPath, name)!]));
}
