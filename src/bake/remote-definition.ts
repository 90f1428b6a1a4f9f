// Contexts of a bake file that lies elsewhere: paths in it are paths there, and `cwd://` leads back to the current folder.
import { join } from 'node:path/posix';
import { type Place, SlipwayError } from '../errors.ts';

/** Where bake files come from whose paths are not the current folder's. */
export interface RemoteDefinition {
  /** As the user gave it. */
  url: string;
  kind: 'git' | 'archive';
}

export const isCwd = (path: string): boolean => path.startsWith('cwd://');

/** The path in the current folder that `cwd://PATH` is. */
export const cwdPath = (path: string): string => path.replace(/^cwd:\/\/\/?/, '') || '.';

/** Whether a context is a URL: of a repository or an archive. */
export const isRemote = (context: string): boolean =>
  /^(https?:\/\/|[\w.-]+@[\w.-]+:|git:\/\/|ssh:\/\/|github\.com\/)|\.git(#.*)?$/.test(context);

/** The context that a path in the definition's repository is. @throws ERR_USAGE, ERR_UNSUPPORTED at `place` */
export function remoteContext(
  path: string,
  { url, kind }: RemoteDefinition,
  place: Place | undefined,
): string {
  const clean = join('/', path).slice(1).replace(/\/$/, '');
  if (join(path).startsWith('..')) {
    throw new SlipwayError('ERR_USAGE', `the context ${path} lies outside of what ${url} names`, {
      place,
      hint: 'give a path below it, or cwd://PATH for one on this machine',
    });
  }
  if (clean === '') return url;
  if (kind === 'git') return withFolder(url, clean);
  throw new SlipwayError('ERR_UNSUPPORTED', `a folder of an archive is no context: ${path} of ${url}`, {
    place,
    hint: 'take the whole archive, context = ".", and name its folders in COPY',
  });
}

/** A Git URL for a folder of what it named. */
function withFolder(url: string, folder: string): string {
  const hash = url.indexOf('#');
  const base = hash < 0 ? url : url.slice(0, hash);
  const fragment = hash < 0 ? '' : url.slice(hash + 1);
  const colon = fragment.indexOf(':');
  const path = folder.split('/').map(encodeURIComponent).join('/');
  if (colon >= 0)
    return `${base}#${fragment.replace(/\/$/, '')}${colon === fragment.length - 1 ? '' : '/'}${path}`;
  const [location = '', query] = base.split('?');
  const given = new URLSearchParams(query ?? '');
  const subdir = given.get('subdir');
  if (!subdir) return `${base}#${fragment}:${path}`;
  given.set('subdir', join(subdir, folder));
  return `${location}?${given}${fragment === '' ? '' : `#${fragment}`}`;
}
