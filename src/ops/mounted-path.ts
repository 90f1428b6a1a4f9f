// Where `source=` of a bind mount leads.
import type { Tree } from '../seams.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import { missingSource } from './missing-source.ts';

/** Links followed. @param origin whose files they are, for the error @throws ERR_SOURCE_NOT_FOUND */
export function mountedPath(tree: Tree, source: string, origin: string): string {
  const path = cleanPath(source);
  const real = resolvePath(tree, path, { followLast: true });
  if (!tree.lstat(real)) throw missingSource({ tree, path, real, written: source, origin });
  return real;
}
