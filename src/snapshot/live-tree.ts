// A view of a host directory in which others may be at work meanwhile: whatever they put in place of a directory, nothing outside is
// looked at. Directories are held open, each found by its name in the one above.
import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { systemCode } from '../errors.ts';
import { readState } from '../fs/file-state.ts';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import type { Tree } from '../seams.ts';
import { parentPath } from '../tree/path.ts';
import { stateEntry } from './entry.ts';
import { fileDigest, fileDigestSteps } from './file-content.ts';
import { keptXattrs } from './kept-xattrs.ts';

/** Linux: O_PATH, which Node does not name. */
const pathOnly = 0o10000000;
const flags = pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export interface LiveTree extends Tree, Disposable {
  /** What the paths of files on the host begin with, where these lead to what was seen. */
  readonly within: string;
}

interface Held {
  path: string;
  descriptor: number;
}

/** @param directory absolute. Those on the way to the path that was asked for last are held open, until it is disposed of. */
export function createLiveTree(directory: string): LiveTree {
  const top = realpathSync(directory);
  const held: Held[] = [];
  const place = ({ descriptor }: Held): string => `/proc/self/fd/${descriptor}`;
  const isAbove = ({ path: above }: Held, path: string): boolean =>
    above === '/' || above === path || path.startsWith(`${above}/`);

  /** Throws where there is no such directory any more. */
  const hold = (path: string): Held => {
    while (held.length > 0 && !isAbove(held.at(-1)!, path)) closeSync(held.pop()!.descriptor);
    if (held.length === 0) held.push({ path: '/', descriptor: openSync(top, flags) });
    for (let last = held.at(-1)!; last.path !== path; last = held.at(-1)!) {
      const name = path.slice(last.path === '/' ? 1 : last.path.length + 1).split('/', 1)[0]!;
      const descriptor = openSync(encodePath(`${place(last)}/${name}`), flags);
      held.push({ path: posix.join(last.path, name), descriptor });
    }
    return held.at(-1)!;
  };
  /** The path of an entry, by the directory that it is in; good until the next call. */
  const find = (path: string): string =>
    path === '/' ? `${place(hold('/'))}/.` : `${place(hold(parentPath(path)))}/${posix.basename(path)}`;

  return {
    within: top,
    lstat(path) {
      let found: string;
      try {
        found = find(path);
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
        throw error;
      }
      const host = encodePath(found);
      const state = readState(host);
      return state && stateEntry(state, host);
    },
    readdir: (path) => readNames(place(hold(path))),
    readlink: (path) => decodeName(readlinkSync(encodePath(find(path)), { encoding: 'buffer' })),
    hostPath: (path) => encodePath(top + path),
    contentDigest: (path) => fileDigest(encodePath(find(path))),
    digestInSteps: (path) => fileDigestSteps(encodePath(find(path))),
    xattrs(path) {
      const found = find(path);
      const state = readState(encodePath(found));
      return state ? keptXattrs(found, stateEntry(state, encodePath(found)).type) : {};
    },
    [Symbol.dispose]() {
      for (const { descriptor } of held.splice(0)) closeSync(descriptor);
    },
  };
}
