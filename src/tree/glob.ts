// Wildcards in the sources of COPY and ADD: Go's filepath.Match, component by component; `**` with --parents.
import { minimatch } from 'minimatch';
import type { Tree } from '../seams.ts';
import { childPath } from './path.ts';
import { hasWildcard, unescapePattern } from './pattern.ts';
import { resolvePath } from './resolve.ts';

const options = {
  dot: true,
  nobrace: true,
  nocomment: true,
  noext: true,
  nonegate: true,
  noglobstar: true,
} as const;

/** Whether one name matches one component of a pattern. */
export function matchName(name: string, pattern: string): boolean {
  // Go negates a class with ^ alone, and has no named classes.
  const plain = pattern.replace(/\[!/g, '[\\!').replace(/\[\[:/g, '[\\[:');
  return minimatch(name, plain, options);
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
    if (!wild) found = found.map((path) => resolvePath(tree, path, { followLast: true }));
    wild = true;
    const last = index === parts.length - 1;
    found = found.flatMap((directory) =>
      tree
        .readdir(directory)
        .filter((name) => matchName(name, part))
        .map((name) => childPath(directory, name))
        .filter((path) => last || tree.lstat(path)?.type === 'dir'),
    );
  }
  return found;
}
