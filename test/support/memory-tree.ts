// A file tree in memory: the fake for tests of what reads trees. Folders above an entry come by themselves.
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { Tree, TreeEntry } from '../../src/seams.ts';

type Metadata = Partial<Pick<TreeEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'link' | 'major' | 'minor'>> & {
  xattrs?: Record<string, Buffer>;
};

export interface MemoryNode {
  entry: TreeEntry;
  content: string;
  xattrs: Record<string, Buffer>;
}

function node(type: TreeEntry['type'], content: string, metadata: Metadata): MemoryNode {
  const { xattrs = {}, ...given } = metadata;
  const mode = type === 'dir' ? 0o755 : type === 'symlink' ? 0o777 : 0o644;
  const size = type === 'file' ? Buffer.byteLength(content) : 0;
  return {
    entry: {
      type,
      mode,
      uid: 0,
      gid: 0,
      size,
      mtime: 1_000_000_000n,
      major: 0,
      minor: 0,
      link: '',
      ...given,
    },
    content,
    xattrs,
  };
}

export const file = (content: string, metadata: Metadata = {}): MemoryNode => node('file', content, metadata);
export const dir = (metadata: Metadata = {}): MemoryNode => node('dir', '', metadata);
export const link = (target: string, metadata: Metadata = {}): MemoryNode =>
  node('symlink', target, metadata);
export const special = (type: TreeEntry['type'], metadata: Metadata = {}): MemoryNode =>
  node(type, '', metadata);

export interface MemoryTree extends Tree {
  nodes: Map<string, MemoryNode>;
  /** Paths whose content was digested, in order. */
  digested: string[];
}

/** Keys are clean absolute paths; a text is the content of a file. */
export function memoryTree(entries: Record<string, string | MemoryNode>): MemoryTree {
  const nodes = new Map<string, MemoryNode>([['/', dir()]]);
  for (const [path, value] of Object.entries(entries)) {
    for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1))
      if (!nodes.has(path.slice(0, at))) nodes.set(path.slice(0, at), dir());
    nodes.set(path, typeof value === 'string' ? file(value) : value);
  }
  const digested: string[] = [];
  const get = (path: string): MemoryNode => {
    const found = nodes.get(path);
    if (!found) throw new Error(`${path} is not in the tree`);
    return found;
  };
  return {
    nodes,
    digested,
    lstat: (path) => nodes.get(path)?.entry,
    readdir(path) {
      const prefix = path === '/' ? '/' : `${path}/`;
      return [...nodes.keys()]
        .filter((name) => name !== '/' && name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
        .map((name) => name.slice(prefix.length))
        .sort();
    },
    readlink: (path) => get(path).content,
    hostPath: (path) => `/host${path}`,
    contentDigest(path): Digest {
      digested.push(path);
      return digestOf(get(path).content);
    },
    xattrs: (path) => get(path).xattrs,
  };
}
