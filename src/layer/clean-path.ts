// Names of an archive as paths inside a root: no leading slash, no `.`, no `..`.
import { badArchive } from './bad-archive.ts';

/** PATH_MAX of Linux. */
const maxLength = 4096;

/**
 * `/a/./b//../c/` gives `a/c`; the root itself is ''. With `clamp` a name that climbs above the root ends there.
 * @throws ERR_BAD_ARCHIVE where the name climbs above the root or is longer than any path can be.
 */
export function cleanPath(name: string, clamp = false): string {
  if (name.length > maxLength) throw badArchive(`a name has ${name.length} characters`);
  if (isClean(name)) return name.endsWith('/') ? name.slice(0, -1) : name;
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined && !clamp)
      throw badArchive(`${JSON.stringify(name)} leads out of the root`);
  }
  return parts.join('/');
}

function isClean(name: string): boolean {
  return name !== '' && !/^\/|\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(name);
}

/** Parent and last component of a clean path; '' is the parent of what lies in the root. */
export function splitPath(path: string): [string, string] {
  const slash = path.lastIndexOf('/');
  return [slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1)];
}
