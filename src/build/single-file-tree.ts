// Trees that no folder holds: one stored file, or nothing.
import { invariant } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { ContentStore, Tree, TreeEntry } from '../seams.ts';
import { plainDirectory } from '../tree/directory-entry.ts';

export const emptyTree: Tree = {
  lstat: (path) => (path === '/' ? plainDirectory : undefined),
  readdir: () => [],
  readlink: () => '',
  hostPath: (path) => path,
  contentDigest: () => {
    invariant(false, 'an empty tree has no files');
  },
  xattrs: () => ({}),
};

/** A file of the store under a name of its own, mode 0600, owned by root. */
export function createSingleFileTree(
  store: ContentStore,
  file: { name: string; digest: Digest; size: number; mtime: bigint },
): Tree {
  const { name, digest, size, mtime } = file;
  const entry: TreeEntry = { ...plainDirectory, type: 'file', mode: 0o600, size, mtime };
  return {
    ...emptyTree,
    lstat: (path) => (path === '/' ? { ...plainDirectory, mtime } : path === `/${name}` ? entry : undefined),
    readdir: (path) => (path === '/' ? [name] : []),
    hostPath: () => store.path(digest),
    contentDigest: () => digest,
  };
}
