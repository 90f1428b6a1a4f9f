// Finds the Dockerfile and the ignore file that belong to a build.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';

export interface Definition {
  text: string;
  /** As the user names it: `Dockerfile`, `docker/app.Dockerfile`. */
  file: string;
  /** Patterns of what is left out of the context; '' where there is no such file. */
  ignore: string;
}

export interface DefinitionRequest {
  /** The folder of the context; undefined where there is none (a Dockerfile on stdin alone). */
  context: string | undefined;
  /** `-f`, relative to `cwd`. */
  dockerfile: string | undefined;
  cwd: string;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    if (systemCode(error) === 'EISDIR') {
      throw new SlipwayError('ERR_DOCKERFILE_NOT_FOUND', `${path} is a folder, not a Dockerfile`, {
        hint: 'name the file in it with -f',
      });
    }
    throw new SlipwayError('ERR_CONTEXT', `can't read ${path}`, {
      cause: error,
      hint: 'check its permissions',
    });
  }
}

/** The ignore file of a Dockerfile goes before that of the context. */
export function readIgnoreFile(context: string | undefined, dockerfile: string | undefined): string {
  const own = dockerfile === undefined ? undefined : readText(`${dockerfile}.dockerignore`);
  if (own !== undefined) return own;
  return (context === undefined ? undefined : readText(join(context, '.dockerignore'))) ?? '';
}

/** @throws ERR_DOCKERFILE_NOT_FOUND, ERR_CONTEXT */
export function findDefinition(request: DefinitionRequest): Definition {
  const { context, cwd } = request;
  const candidates =
    request.dockerfile === undefined
      ? ['Dockerfile', 'dockerfile'].map((name) => join(context ?? cwd, name))
      : [resolve(cwd, request.dockerfile)];
  for (const path of candidates) {
    const text = readText(path);
    if (text === undefined) continue;
    const file = request.dockerfile ?? basename(path);
    return { text, file, ignore: readIgnoreFile(context, path) };
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
