// The error of a source that is not there: what may have been meant, and what else to look at.
import { SlipwayError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Tree } from '../seams.ts';
import { childPath } from '../tree/path.ts';

export interface MissingSource {
  tree: Tree;
  /** Clean and absolute. */
  path: string;
  /** Where links lead from there; `path` where there are none. */
  real: string;
  /** As the instruction has it. */
  written: string;
  /** Whose files they are, for messages: `the build context`. */
  origin: string;
}

/** Of COPY, ADD and mounts: an ERR_SOURCE_NOT_FOUND. */
export function missingSource(source: MissingSource): SlipwayError {
  const { path, origin } = source;
  return new SlipwayError('ERR_SOURCE_NOT_FOUND', `${JSON.stringify(path)}: not found in ${origin}`, {
    hint: hintFor(source),
  });
}

function hintFor({ tree, path, real, written, origin }: MissingSource): string {
  const isContext = origin === 'the build context';
  if (isContext && leavesRoot(written))
    return `${JSON.stringify(written)} lies above the build context, and a build reads nothing there: build in a folder further up (slipway build -f PATH/Dockerfile FOLDER), or name another context with --build-context`;
  if (real !== path)
    return `a link leads to ${JSON.stringify(real)}, which is not there: links end at the root of ${origin}`;
  const check = isContext
    ? `check the path ${JSON.stringify(written)}, and that no line of .dockerignore leaves it out`
    : `check the path ${JSON.stringify(written)}, and what the steps up to there make`;
  const near = nearPath(tree, path);
  if (near === undefined) return check;
  return `did you mean ${written.startsWith('/') ? near : near.slice(1)}? Else: ${check}`;
}

function leavesRoot(written: string): boolean {
  let depth = 0;
  for (const part of written.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** The path with another name in place of the first that is not there, where all that follows is there, too. */
function nearPath(tree: Tree, path: string): string | undefined {
  const names = path.split('/').slice(1);
  const there = present(tree, '/', names);
  const wrong = names[there.names];
  const near = wrong === undefined ? undefined : nearest(wrong, tree.readdir(there.path));
  if (near === undefined) return undefined;
  const rest = [near, ...names.slice(there.names + 1)];
  const found = present(tree, there.path, rest);
  return found.names === rest.length ? found.path : undefined;
}

/** How far `names` lead from a folder. Links are not followed: a suggestion need not. */
function present(tree: Tree, folder: string, names: readonly string[]): { path: string; names: number } {
  let path = folder;
  for (const [index, name] of names.entries()) {
    const next = childPath(path, name);
    if (tree.lstat(path)?.type !== 'dir' || tree.lstat(next) === undefined) return { path, names: index };
    path = next;
  }
  return { path, names: names.length };
}
