// A layer's files as its index and its tars have them, where nothing is mounted for this process.
import { closeSync, openSync, readSync } from 'node:fs';
import { createImageReader, type ImageInode, type ImageReader } from '../erofs/read-image.ts';
import { invariant } from '../errors.ts';
import { type Content, contentDigestSteps, digestContent } from './index-tree.ts';
import type { LayerFiles } from './layer-files.ts';

export interface ImageFilesOptions {
  index: string;
  /** Tars, in the order of their numbers in the index. */
  devices: readonly string[];
  /** Puts a file's bytes where they can be opened, and returns the path. */
  extract(content: Content): string;
}

function readAt(path: string, at: number, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, at));
  } finally {
    closeSync(file);
  }
}

export function createImageFiles({ index, devices, extract }: ImageFilesOptions): LayerFiles {
  let opened: ImageReader | undefined;
  const image = (): ImageReader => {
    opened ??= createImageReader((at, length) => readAt(index, at, length));
    return opened;
  };
  /** Directories by their paths: a tree goes down from above. */
  const known = new Map<string, Map<string, number>>();

  function namesIn(path: string): Map<string, number> {
    let names = known.get(path);
    if (names) return names;
    names = new Map(
      image()
        .names(numberOf(path))
        .map(({ name, number }) => [name, number]),
    );
    if (known.size > 256) known.clear();
    known.set(path, names);
    return names;
  }

  function numberOf(path: string): number {
    if (path === '/') return image().root;
    const slash = path.lastIndexOf('/');
    const number = namesIn(path.slice(0, slash) || '/').get(path.slice(slash + 1));
    invariant(number !== undefined, `${path} is in the index`);
    return number;
  }

  const inode = (path: string): ImageInode => image().inode(numberOf(path));

  function contentOf(path: string): Content {
    const { content, size } = inode(path);
    if (!content) return { file: '/dev/null', offset: 0, size: 0 };
    return { file: devices[content.device - 1]!, offset: content.offset, size };
  }

  return {
    *kinds(path) {
      for (const { name, type, number } of image().names(numberOf(path))) {
        if (type === 'dir') yield [name, 'dir'];
        else if (type !== 'char') yield [name, 'other'];
        else {
          const { major, minor } = image().inode(number);
          yield [name, major === 0 && minor === 0 ? 'whiteout' : 'other'];
        }
      }
    },
    lstat(path) {
      const { number, links, content: _, ...entry } = inode(path);
      return { ...entry, link: entry.type === 'file' && links > 1 ? `${index}:${number}` : '' };
    },
    readlink: (path) => image().linkTarget(numberOf(path)),
    hostPath: (path) => extract(contentOf(path)),
    contentDigest: (path) => digestContent(contentOf(path)),
    digestInSteps: (path) => contentDigestSteps(contentOf(path)),
    xattrs(path) {
      const number = numberOf(path);
      const { 'security.capability': capability } = image().xattrs(number);
      const isFile = image().inode(number).type === 'file';
      return isFile && capability ? { 'security.capability': capability } : {};
    },
  };
}
