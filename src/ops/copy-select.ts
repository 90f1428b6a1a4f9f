// What the sources of a COPY or ADD name: the entries to copy, each with the path it gets below the destination.
import { createPatternMatcher } from '../dockerfile/ignore.ts';
import type { Tree, TreeEntry } from '../seams.ts';
import { expandPattern } from '../tree/glob.ts';
import { baseName, childPath, cleanPath } from '../tree/path.ts';
import { hasWildcard, unescapePattern } from '../tree/pattern.ts';
import { resolvePath } from '../tree/resolve.ts';
import { missingSource } from './missing-source.ts';

/** One thing that a source names. */
export interface Selected {
  tree: Tree;
  /** Where it is, links followed. */
  path: string;
  /** Its own name at the destination, where that is a directory. */
  name: string;
  entry: TreeEntry;
}

/** Files of a tree that an instruction names. */
export interface SourcePath {
  tree: Tree;
  /** As it is written; wildcards allowed. */
  path: string;
  /** What its wildcards match; undefined where it has none. */
  matches: string[] | undefined;
  /** Whose files they are, for messages: `the build context`. */
  origin: string;
}

/** What the wildcards of a source match; undefined where it has none, and with --parents, which matches by itself. */
export function wildcardMatches(tree: Tree, path: string, parents: boolean): string[] | undefined {
  return parents || !hasWildcard(path) ? undefined : expandPattern(tree, cleanPath(path));
}

/** Without --parents. @throws ERR_SOURCE_NOT_FOUND for a path without wildcards that is not there. */
export function selectSources(source: SourcePath): Selected[] {
  const { tree } = source;
  const paths = source.matches ?? [cleanPath(unescapePattern(source.path))];
  return paths.map((path) => {
    const real = resolvePath(tree, path, { followLast: true });
    const entry = tree.lstat(real);
    if (!entry) throw missingSource({ ...source, path, real, written: source.path });
    return { tree, path: real, name: baseName(path), entry };
  });
}

/** One entry of --parents: it keeps its path below the pivot. */
export interface ParentSelected extends Selected {
  /** Below the destination: `/a/b/c`. */
  relative: string;
}

/** With --parents: `/./` says where the kept path begins; `**` crosses directories. */
export function selectParents(source: SourcePath): ParentSelected[] {
  const { tree, path: pattern } = source;
  const pivot = pattern.indexOf('/./');
  const root = pivot < 0 ? '/' : resolvePath(tree, cleanPath(pattern.slice(0, pivot)), { followLast: true });
  const rest = cleanPath(pivot < 0 ? pattern : pattern.slice(pivot + 3));
  if (!hasWildcard(rest)) {
    const path = cleanPath(`${root}/${unescapePattern(rest)}`);
    const entry = tree.lstat(path);
    if (!entry) throw missingSource({ ...source, path, real: path, written: pattern });
    return [{ tree, path, name: baseName(path), entry, relative: cleanPath(unescapePattern(rest)) }];
  }
  const matcher = createPatternMatcher([rest.slice(1).replace(/^!/, '\\!')]);
  const found: ParentSelected[] = [];
  const walk = (directory: string, relative: string): void => {
    for (const name of tree.readdir(directory)) {
      const path = childPath(directory, name);
      const below = childPath(relative, name);
      const entry = tree.lstat(path)!;
      if (matcher.ignores(below.slice(1))) found.push({ tree, path, name, entry, relative: below });
      else if (entry.type === 'dir') walk(path, below);
    }
  };
  walk(root, '/');
  return found;
}
