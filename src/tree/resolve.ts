// Follows symbolic links inside a tree: a link never leads out of its root, `..` ends there, and loops are errors.
import { SlipwayError } from '../errors.ts';
import type { Tree } from '../seams.ts';
import { childPath, cleanPath, parentPath } from './path.ts';

/** As the kernel: more links than these on one way are a loop. */
const linkLimit = 40;

export interface ResolveOptions {
  /** Whether a link in the last component is followed, too. */
  followLast: boolean;
}

/**
 * The path without symbolic links. What does not exist is kept as it is written, so that it can be made.
 * @throws ERR_COPY on a loop.
 */
export function resolvePath(tree: Tree, path: string, options: ResolveOptions): string {
  let links = 0;
  let at = '/';
  const todo = path.split('/').reverse();
  while (todo.length > 0) {
    const name = todo.pop()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = parentPath(at);
      continue;
    }
    const next = childPath(at, name);
    const last = todo.every((rest) => rest === '' || rest === '.');
    const entry = last && !options.followLast ? undefined : tree.lstat(next);
    if (entry?.type !== 'symlink') {
      at = next;
      continue;
    }
    if (++links > linkLimit) {
      throw new SlipwayError('ERR_COPY', `too many symbolic links on the way to ${path}`, {
        hint: 'one of the links leads back to itself',
      });
    }
    const target = tree.readlink(next);
    if (target.startsWith('/')) at = '/';
    todo.push(...target.split('/').reverse());
  }
  return cleanPath(at);
}
