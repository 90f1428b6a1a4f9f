// What the sources of a COPY or ADD name: the entries to copy, each with the path it gets below the destination.
import { createPatternMatcher } from '../dockerfile/ignore.ts';
import { SlipwayError } from '../errors.ts';
import type { Tree, TreeEntry } from '../seams.ts';

import { baseName, childPath, cleanPath } from '../tree/path.ts';
import { hasWildcard, unescapePattern } from '../tree/pattern.ts';
import { resolvePath } from '../tree/resolve.ts';

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

/** Without --parents. @throws ERR_SOURCE_NOT_FOUND for a path without wildcards that is not there. */
export function selectSources(source: SourcePath): Selected[] {
  const { tree } = source;
  const paths = source.matches ?? [cleanPath(unescapePattern(source.path))];
  return paths.map((path) => {
    const real = resolvePath(tree, path, { followLast: true });
    const entry = tree.lstat(real);
    if (!entry) throw missing(path, source);
    return { tree, path: real, name: baseName(path), entry };
  });
}

function missing(path: string, source: SourcePath): SlipwayError {
  return new SlipwayError('ERR_SOURCE_NOT_FOUND', `${JSON.stringify(path)}: not found in ${source.origin}`, {
    hint: `check the path ${JSON.stringify(source.path)}, and that no line of .dockerignore leaves it out`,
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
    if (!entry) throw missing(path, source);
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
