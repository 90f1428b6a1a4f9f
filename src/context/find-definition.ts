// Finds the Dockerfile and the ignore file that belong to a build.
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';

export interface Definition {
  text: string;
  /** As the user names it: `Dockerfile`, `docker/app.Dockerfile`. */
  file: string;
  /** Patterns of what is left out of the context; '' where there is no such file. */
  ignore: string;
  /** The file that holds them, where there is one. */
  ignoreFile?: string;
}

export interface DefinitionRequest {
  /** The folder of the context; undefined where there is none (a Dockerfile on stdin alone). */
  context: string | undefined;
  /** `-f`, relative to `cwd`. */
  dockerfile: string | undefined;
  cwd: string;
}

/** Where `-f` names none, in this order: docker's two, then Buildah's. */
export const definitionNames = ['Dockerfile', 'dockerfile', 'Containerfile'];
/** Of a context, the first that is there: docker's, then Buildah's. */
const ignoreNames = ['.dockerignore', '.containerignore'];

/** No real Dockerfile comes near it. */
const sizeLimit = 64 << 20;

/**
 * The text of a file; undefined where there is none. With `within`, links that lead out of that folder lead nowhere.
 * @throws ERR_CONTEXT for what is no file, or can't be read
 */
function readText(path: string, within: string | undefined): string | undefined {
  try {
    if (within !== undefined && !isWithin(realpathSync(path), realpathSync(within))) return undefined;
    // A pipe would keep its reader waiting.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (stat.isDirectory()) throw notText(path, 'is a folder', 'name the file in it with -f');
      if (!stat.isFile()) throw notText(path, 'is no regular file', 'a device or a pipe is not read');
      if (stat.size > sizeLimit) throw notText(path, `has ${stat.size} bytes`, 'is it the right file?');
      return readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw new SlipwayError('ERR_CONTEXT', `can't read ${path}`, {
      cause: error,
      hint: 'check its permissions',
    });
  }
}

function notText(path: string, what: string, hint: string): SlipwayError {
  return new SlipwayError('ERR_DOCKERFILE_NOT_FOUND', `${path} ${what}`, { hint });
}

function isWithin(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '..' && !below.startsWith('../') && !isAbsolute(below);
}

/** The ignore file of a Dockerfile goes before that of the context; undefined where there is neither. */
export function findIgnoreFile(
  context: string | undefined,
  dockerfile: string | undefined,
): { path: string; text: string } | undefined {
  if (dockerfile !== undefined) {
    const path = `${dockerfile}.dockerignore`;
    const text = readText(path, dirname(dockerfile));
    if (text !== undefined) return { path, text };
  }
  for (const name of context === undefined ? [] : ignoreNames) {
    const path = join(context!, name);
    const text = readText(path, context);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

/** The text of that file; '' where there is none. */
export function readIgnoreFile(context: string | undefined, dockerfile: string | undefined): string {
  return findIgnoreFile(context, dockerfile)?.text ?? '';
}

/** @throws ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT */
export function findDefinition(request: DefinitionRequest): Definition {
  const { context, cwd } = request;
  const candidates =
    request.dockerfile === undefined
      ? definitionNames.map((name) => join(context ?? cwd, name))
      : [resolve(cwd, request.dockerfile)];
  for (const path of candidates) {
    // A file of the context must not show one of the host; what is named outside it is the user's own choice.
    const within = context !== undefined && isWithin(path, context) ? context : undefined;
    const text = readText(path, within);
    if (text === undefined) continue;
    const file = request.dockerfile ?? basename(path);
    const ignore = findIgnoreFile(context, path);
    return { text, file, ignore: ignore?.text ?? '', ...(ignore ? { ignoreFile: ignore.path } : {}) };
  }
  const name = request.dockerfile ?? (relative(cwd, candidates[0]!) || candidates[0]!);
  throw new SlipwayError(
    'ERR_DOCKERFILE_NOT_FOUND',
    `failed to read dockerfile: open ${name}: no such file or directory`,
    {
      hint:
        request.dockerfile === undefined
          ? `there is no Dockerfile in ${dirname(candidates[0]!)}: name it with -f`
          : 'a path after -f is relative to the current folder',
    },
  );
}
