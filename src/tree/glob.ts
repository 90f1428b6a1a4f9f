// Wildcards in the sources of COPY and ADD: Go's filepath.Match, component by component.
import { compilePattern } from '../dockerfile/ignore-pattern.ts';
import { SlipwayError } from '../errors.ts';
import type { Tree } from '../seams.ts';
import { ancestors, childPath } from './path.ts';
import { hasWildcard, unescapePattern } from './pattern.ts';
import { resolvePath } from './resolve.ts';

/** Matches one name with one component of a pattern; a `!` in front means itself. @throws ERR_SYNTAX */
export function nameMatcher(pattern: string): (name: string) => boolean {
  // Within a name two stars are no more than one.
  const single = pattern.replace(/(\\.)|\*+/gs, (stars, escaped: string | undefined) => escaped ?? stars[0]!);
  return compilePattern(single.replace(/^!/, '\\!')).matches;
}

/** What stands in front of the first wildcard must be there; a file holds nothing, as in BuildKit. */
function directoryOf(tree: Tree, path: string, pattern: string): string[] {
  const directory = resolvePath(tree, path, { followLast: true });
  if (tree.lstat(directory)?.type === 'dir') return [directory];
  const last = [...ancestors(directory), directory].findLast((path) => tree.lstat(path) !== undefined);
  if (last !== undefined && tree.lstat(last)!.type !== 'dir') return [];
  throw new SlipwayError('ERR_SOURCE_NOT_FOUND', `lstat ${path}: no such file or directory`, {
    hint: `${JSON.stringify(pattern)} can match nothing: check the path, and that no line of .dockerignore leaves it out`,
  });
}

/**
 * The paths that a pattern names, sorted; links on the way to the first wildcard are followed, those below are not.
 * A pattern without wildcards names one path, whether it exists or not.
 */
export function expandPattern(tree: Tree, pattern: string): string[] {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  let found = ['/'];
  let wild = false;
  for (const [index, part] of parts.entries()) {
    const isWild = hasWildcard(part);
    if (!isWild && !wild) {
      found = found.map((path) => childPath(path, unescapePattern(part)));
      continue;
    }
    if (!wild) found = found.flatMap((path) => directoryOf(tree, path, pattern));
    wild = true;
    const matches = isWild ? nameMatcher(part) : (name: string) => name === unescapePattern(part);
    const last = index === parts.length - 1;
    found = found.flatMap((directory) =>
      tree
        .readdir(directory)
        .filter(matches)
        .map((name) => childPath(directory, name))
        .filter((path) => last || tree.lstat(path)?.type === 'dir'),
    );
  }
  return found;
}
