// What a step reads of a tree, as the part of its key that can be explained later: paths with type, mode, content, link.
import { createHash } from 'node:crypto';
import type { Digest } from '../oci/digest.ts';
import type { KeyTree, Tree, TreeEntry } from '../seams.ts';
import { childPath } from './path.ts';
import type { Steps } from './steps.ts';

export interface EntryKeyOptions {
  /** Left out where the instruction sets them for all it copies. */
  mode: boolean;
  owner: boolean;
}

/** One entry without its name, its times and what it holds. */
export function entryKey(tree: Tree, path: string, entry: TreeEntry, options: EntryKeyOptions): string {
  const { type } = entry;
  let key: string = type;
  if (options.mode && type !== 'symlink') key += modeText(entry.mode);
  if (options.owner) key += ` ${entry.uid}:${entry.gid}`;
  // One text, not two and what joins them: there are as many of these as files.
  if (type === 'file') key = [key, tree.contentDigest(path)].join(' ');
  if (type === 'symlink') key += ` ${JSON.stringify(tree.readlink(path))}`;
  if (type === 'char' || type === 'block') key += ` ${entry.major},${entry.minor}`;
  const xattrs = tree.xattrs(path);
  for (const name in xattrs) key += ` ${name}=${xattrs[name]!.toString('hex')}`;
  return key;
}

/** Reading more than so many bytes at once would keep others from their turn. */
export const muchContent = 16 << 20;

/** The same, in steps where the content is much. */
export function* entryKeySteps(
  tree: Tree,
  path: string,
  entry: TreeEntry,
  options: EntryKeyOptions,
): Steps<string> {
  if (entry.type !== 'file' || entry.size < muchContent || !tree.digestInSteps)
    return entryKey(tree, path, entry, options);
  const digest = yield* tree.digestInSteps(path);
  return entryKey({ ...tree, contentDigest: () => digest }, path, entry, options);
}

const modes = new Map<number, string>();

/** Made once for each of the few modes that there are. */
function modeText(mode: number): string {
  let text = modes.get(mode);
  if (text === undefined) {
    text = ` ${mode.toString(8).padStart(4, '0')}`;
    modes.set(mode, text);
  }
  return text;
}

/** Characters that are worth a call. */
const enough = 1 << 16;

/** The digest of a key tree: the order in which names were added does not count. */
export function keyDigest(tree: KeyTree): Digest {
  const hash = createHash('sha256');
  let text = '';
  const put = (part: string): void => {
    text += part;
    if (text.length < enough) return;
    hash.update(text);
    text = '';
  };
  const add = (node: KeyTree): void => {
    for (const name of Object.keys(node).sort()) {
      const value = node[name]!;
      if (typeof value === 'string') put(`${name.length}:${name}=${value.length}:${value};`);
      else {
        put(`${name.length}:${name}{`);
        add(value);
        put('}');
      }
    }
  };
  add(tree);
  return `sha256:${hash.update(text).digest('hex')}` as Digest;
}

/** A directory's own entry stands in its key tree under this name, which no file can have. */
export const selfName = '/';

/** An empty key tree, without a prototype, because a file may have the name of one of its members. */
export function emptyKeyTree(): KeyTree {
  return Object.create(null) as KeyTree;
}

/** The key tree of `path` and all below it. */
export function* treeKey(tree: Tree, path: string, options: EntryKeyOptions): Steps<KeyTree | string> {
  const entry = tree.lstat(path);
  if (!entry) return 'missing';
  yield;
  const own = yield* entryKeySteps(tree, path, entry, options);
  if (entry.type !== 'dir') return own;
  const node = emptyKeyTree();
  node[selfName] = own;
  for (const name of tree.readdir(path)) {
    const child = childPath(path, name);
    if (tree.lstat(child)?.type !== 'socket') node[name] = yield* treeKey(tree, child, options);
  }
  return node;
}
