// Two images' files, path by path.
import type { Digest } from '../oci/digest.ts';
import type { Aspect, FileDifference, FileFacts } from './image-diff.ts';
import type { FileItem } from './layer-item.ts';
import type { Content, FileNode } from './merged-files.ts';

export interface CompareOptions {
  /** Whether times count. */
  times: boolean;
}

/** What differs, sorted by path. Directories that no layer has an entry for differ in nothing but being there. */
export function compareFiles(before: FileNode, after: FileNode, options: CompareOptions): FileDifference[] {
  const found: FileDifference[] = [];
  /** Files under several names that were met. */
  const linked = new Set<Content>();

  function factsOf(node: FileNode): FileFacts {
    const { content } = node;
    if (!content || content.names < 2) return plainFacts(node);
    const isFurther = linked.has(content);
    linked.add(content);
    return isFurther ? { ...plainFacts(node), linked: true } : plainFacts(node);
  }

  function compare(
    one: FileNode | undefined,
    other: FileNode | undefined,
    path: string,
  ): FileDifference | undefined {
    if (one && other) {
      const aspects = aspectsOf(one, other, options.times);
      if (aspects.length === 0) return undefined;
      return { path, change: 'changed', aspects, before: factsOf(one), after: factsOf(other) };
    }
    if (other) return { path, change: 'added', aspects: [], after: factsOf(other) };
    return { path, change: 'removed', aspects: [], before: factsOf(one!) };
  }

  function visit(one: FileNode | undefined, other: FileNode | undefined, path: string): void {
    if (path !== '' || (one && other)) {
      const difference = compare(one, other, path);
      if (difference) found.push(difference);
    }
    const names = new Set([...(one?.children?.keys() ?? []), ...(other?.children?.keys() ?? [])]);
    for (const name of [...names].sort())
      visit(one?.children?.get(name), other?.children?.get(name), path === '' ? name : `${path}/${name}`);
  }

  visit(before, after, '');
  return found;
}

const typeOf = ({ item }: FileNode): string => item?.type ?? 'dir';

function aspectsOf(one: FileNode, other: FileNode, times: boolean): Aspect[] {
  const a = one.item;
  const b = other.item;
  if (typeOf(one) !== typeOf(other)) return ['type'];
  if (a === b || !a || !b) return [];
  const aspects: [Aspect, boolean][] = [
    ['content', a.digest !== b.digest],
    ['size', a.size !== b.size],
    ['mode', a.mode !== b.mode && a.type !== 'symlink'],
    ['owner', a.uid !== b.uid || a.gid !== b.gid],
    ['link', a.linkTarget !== b.linkTarget],
    ['device', a.device !== b.device],
    ['xattrs', a.xattrs !== b.xattrs],
    ['time', times && a.mtime !== b.mtime],
  ];
  return aspects.filter(([, differs]) => differs).map(([aspect]) => aspect);
}

const blank: Pick<FileItem, 'mode' | 'uid' | 'gid' | 'size'> = { mode: 0o755, uid: 0, gid: 0, size: 0 };

function plainFacts(node: FileNode): FileFacts {
  const { mode, uid, gid, size } = node.item ?? blank;
  const { digest = '', linkTarget = '' } = node.item ?? {};
  return {
    type: typeOf(node),
    mode: mode.toString(8).padStart(4, '0'),
    ...{ uid, gid, size },
    ...(digest === '' ? {} : { digest: `sha256:${digest}` as Digest }),
    ...(linkTarget === '' ? {} : { linkTarget }),
    layer: node.layer,
  };
}
