// Clean absolute paths of trees: `/`, `/a`, `/a/b`.

/** Makes a path absolute and clean; `..` ends at the root. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Joins a clean directory and one name. */
export function childPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** What a look at one file after the other asks for again and again: one text, whose hash is made once. */
let last = '/';

export function parentPath(path: string): string {
  const end = path.lastIndexOf('/');
  if (end !== last.length || end === 0 || !path.startsWith(last)) last = path.slice(0, Math.max(1, end));
  return last;
}

/** The last component; '' of the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Every directory above `path`, the root first, itself left out. */
export function ancestors(path: string): string[] {
  const list: string[] = [];
  for (let at = parentPath(path); ; at = parentPath(at)) {
    if (at !== path) list.unshift(at);
    if (at === '/') return list;
  }
}

/** `path` relative to the root, as layers name it: `etc/passwd`, '' for the root. */
export function layerPath(path: string): string {
  return path.slice(1);
}
