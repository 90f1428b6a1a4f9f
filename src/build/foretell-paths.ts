// Paths that a user names as files of a build's contexts: each folder that holds one, with what of it is there, new, or left out.
import { isAbsolute, relative, resolve } from 'node:path';
import { readIgnoreFile } from '../context/find-definition.ts';
import { entriesBelow } from '../context/reading-tree.ts';
import { createPatternMatcher } from '../dockerfile/ignore.ts';
import { ignoringLine } from '../dockerfile/ignoring-line.ts';
import { SlipwayError } from '../errors.ts';
import type { NothingReason } from '../explain/foretelling.ts';
import type { Tree } from '../seams.ts';
import { childPath, cleanPath } from '../tree/path.ts';
import { hasWildcard } from '../tree/pattern.ts';
import { resolvePath } from '../tree/resolve.ts';

/** A context that is a folder. */
export interface ContextFolder {
  /** '' is the main one. */
  name: string;
  /** Absolute. */
  path: string;
  /** What the ignore file leaves out is not in it. */
  tree: Tree;
  /** The text of its ignore file, and what it is called. */
  ignore: string;
  ignoreFile: string;
}

export interface NamedPath {
  path: string;
  /** Clean absolute paths in the context's tree, by the context's name. */
  files: Map<string, string[]>;
  /** Of those, what is not there. */
  isNew: boolean;
  /** Why there is no file that a step could read. */
  nothing: NothingReason | undefined;
}

const ignoreNames = ['.dockerignore', '.containerignore'];

/** The name under which messages speak of the ignore file that has this text. */
export function ignoreFileName(folder: string, dockerfile: string | undefined, text: string): string {
  if (dockerfile !== undefined && readIgnoreFile(undefined, dockerfile) === text && text !== '')
    return `${relative(folder, dockerfile)}.dockerignore`;
  return ignoreNames[0]!;
}

/** @param path relative to `cwd` where that lies in a context, else to the main context; patterns as in ignore files. */
export function namePath(path: string, folders: readonly ContextFolder[], cwd: string): NamedPath {
  if (path === '' || path.includes('\0'))
    throw new SlipwayError('ERR_USAGE', `--if-changed: ${JSON.stringify(path)} is no path`, {
      hint: 'give a file of the context, or a pattern',
    });
  const main = folders.find(({ name }) => name === '');
  const start = folders.some((folder) => within(folder.path, cwd) !== undefined) ? cwd : (main?.path ?? cwd);
  const absolute = isAbsolute(path) ? resolve(path) : resolve(start, path);
  const named: NamedPath = { path, files: new Map(), isNew: false, nothing: { kind: 'outside' } };
  for (const folder of folders) {
    const inside = within(folder.path, absolute);
    if (inside === undefined) continue;
    const found = filesOf(folder, inside);
    if ('kind' in found) {
      if (named.nothing?.kind === 'outside') named.nothing = found;
      continue;
    }
    named.files.set(folder.name, found.files);
    named.isNew ||= found.isNew;
    named.nothing = undefined;
  }
  return named;
}

/** Relative and slash-separated; '' is the folder itself. */
function within(folder: string, path: string): string | undefined {
  const below = relative(folder, path);
  return below === '..' || below.startsWith('../') || isAbsolute(below) ? undefined : below;
}

function filesOf(
  { tree, ignore, ignoreFile }: ContextFolder,
  inside: string,
): { files: string[]; isNew: boolean } | NothingReason {
  const wanted = cleanPath(inside);
  if (hasWildcard(inside) && !tree.lstat(wanted)) {
    const { ignores } = createPatternMatcher([inside]);
    const files = [...entriesBelow(tree, '/')].filter((path) => path !== '/' && ignores(path.slice(1)));
    return files.length > 0 ? { files, isNew: false } : { kind: 'no-match' };
  }
  const at = resolvePath(tree, wanted, { followLast: false });
  if (tree.lstat(at)) return { files: [...entriesBelow(tree, at)], isNew: false };
  const line = inside === '' ? undefined : ignoringLine(ignore, at.slice(1));
  if (line) return { kind: 'ignored', file: ignoreFile, ...line };
  return { files: [childPath('/', at.slice(1))], isNew: true };
}
