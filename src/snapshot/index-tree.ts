// Stacked layers as a tree without unpacking any: names from their indexes, content from where it stands in their tars.

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { invariant, SlipwayError } from '../errors.ts';
import { type Digest, finishDigest } from '../oci/digest.ts';
import type { IndexedEntry, Tree, TreeEntry } from '../seams.ts';
import { plainDirectory } from '../tree/directory-entry.ts';
import { runThrough, type Steps } from '../tree/steps.ts';

export interface IndexedLayer {
  entries: readonly IndexedEntry[];
  /** The uncompressed tar. */
  file: string;
}

/** A file's bytes: `size` of them at `offset` of `file`. */
export interface Content {
  file: string;
  offset: number;
  size: number;
}

interface Node {
  stat: TreeEntry;
  linkTarget: string;
  xattrs: Record<string, Buffer>;
  content: Content | undefined;
  /** Of a directory. */
  children: Map<string, Node>;
}

const makeNode = (stat: TreeEntry): Node => ({
  stat,
  linkTarget: '',
  xattrs: {},
  content: undefined,
  children: new Map(),
});

function find(root: Node, path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path.split('/')) if (name !== '') node = node?.children.get(name);
  return node;
}

/** The directory at a path; made, also in the place of something else, as unpacking would. */
function directory(root: Node, path: string): Node {
  let node = root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    let next = node.children.get(name);
    if (next?.stat.type !== 'dir') {
      next = makeNode(plainDirectory);
      node.children.set(name, next);
    }
    node = next;
  }
  return node;
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function applyLayer(root: Node, layer: IndexedLayer): void {
  // What a layer hides is of lower layers, wherever in the tar it says so.
  for (const entry of layer.entries) {
    if (entry.kind === 'opaque') find(root, entry.path)?.children.clear();
    else if (entry.kind === 'whiteout') find(root, parentOf(entry.path))?.children.delete(nameOf(entry.path));
  }
  for (const entry of layer.entries) {
    if (entry.kind !== 'entry') continue;
    if (entry.path === '') {
      root.stat = { ...entry.stat, type: 'dir' };
      continue;
    }
    const siblings = directory(root, parentOf(entry.path)).children;
    const name = nameOf(entry.path);
    if (entry.hardLinkTo !== undefined) {
      const target = find(root, entry.hardLinkTo);
      if (!target || target.stat.type === 'dir') {
        const names = [entry.path, entry.hardLinkTo].map((one) => JSON.stringify(one));
        throw new SlipwayError(
          'ERR_BAD_ARCHIVE',
          `bad archive: ${names[0]} is a hard link to ${names[1]}, which is no file of the layer`,
          { hint: 'fetch or make it again: it is damaged, or was made to do harm' },
        );
      }
      target.stat = { ...target.stat, link: `${layer.file} ${entry.hardLinkTo}` };
      siblings.set(name, target);
      continue;
    }
    const node = makeNode(entry.stat);
    node.linkTarget = entry.linkTarget;
    node.xattrs = entry.xattrs['security.capability']
      ? { 'security.capability': entry.xattrs['security.capability'] }
      : {};
    if (entry.stat.type === 'file')
      node.content = { file: layer.file, offset: entry.offset, size: entry.stat.size };
    const there = siblings.get(name);
    if (entry.stat.type === 'dir' && there?.stat.type === 'dir') node.children = there.children;
    siblings.set(name, node);
  }
}

export const digestContent = (content: Content): Digest => runThrough(contentDigestSteps(content));

/** The same with a pause after each of some parts: for large files. */
export function* contentDigestSteps({ file, offset, size }: Content): Steps<Digest> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(size, 1 << 20));
  const fd = openSync(file, 'r');
  try {
    for (let at = 0; at < size; ) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.length, size - at), offset + at);
      invariant(count > 0, `${file} ends too early`);
      hash.update(buffer.subarray(0, count));
      at += count;
      yield;
    }
  } finally {
    closeSync(fd);
  }
  return finishDigest(hash);
}

/**
 * @param layers lowest first.
 * @param extract puts a file's bytes where they can be opened, and returns the path.
 */
export function createIndexTree(
  layers: readonly IndexedLayer[],
  extract: (content: Content) => string,
): Tree {
  const root = makeNode(plainDirectory);
  for (const layer of layers) applyLayer(root, layer);
  const contentOf = (path: string): Content => {
    const content = find(root, path)?.content;
    invariant(content, `${path} is no file of the tree`);
    return content;
  };
  return {
    lstat: (path) => find(root, path)?.stat,
    readdir: (path) => [...(find(root, path)?.children.keys() ?? [])].sort(),
    readlink: (path) => find(root, path)?.linkTarget ?? '',
    hostPath: (path) => extract(contentOf(path)),
    contentDigest: (path) => digestContent(contentOf(path)),
    digestInSteps: (path) => contentDigestSteps(contentOf(path)),
    xattrs: (path) => find(root, path)?.xattrs ?? {},
  };
}
