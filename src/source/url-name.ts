// The name that a URL gives the file behind it.
import { posix } from 'node:path';

/** The last part of the path, decoded; `__unnamed__` where there is none that a file could have, as BuildKit says it. */
export function nameOfUrl(url: string): string {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    return '__unnamed__';
  }
  const name = posix.basename(path);
  return name === '' || name === '.' || name === '..' || name.includes('\0') ? '__unnamed__' : name;
}
