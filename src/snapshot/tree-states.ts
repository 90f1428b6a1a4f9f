// What the files of a whole tree were at one moment: names and what lstat said, in columns by folder, so that a tree can be compared
// later with what it was, without a copy of it.
import { setImmediate } from 'node:timers/promises';
import { invariant } from '../errors.ts';
import { type FileState, fullLength, isDirectoryMode, readState } from '../fs/file-state.ts';
import { encodePath, readNames } from '../fs/path-bytes.ts';
import { baseName, childPath, parentPath } from '../tree/path.ts';

/** How many entries are looked at before others get their turn and the signal is looked at. */
const batch = 2048;

export interface TreeStates {
  /** Sorted by code unit; empty where there is no folder. */
  names(path: string): readonly string[];
  state(path: string): FileState | undefined;
  folders(): Iterable<string>;
  /** The latest change of a file: seconds and nanoseconds. */
  readonly newest: readonly [number, number];
}

interface Folder {
  names: readonly string[];
  states: Float64Array;
}

function indexOf(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = names[middle]!;
    if (found === name) return middle;
    if (found < name) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

const isLater = (a: FileState, [seconds, nanoseconds]: readonly [number, number]): boolean =>
  a[5] === seconds ? a[6]! > nanoseconds : a[5]! > seconds;

export async function recordStates(directory: string, signal: AbortSignal): Promise<TreeStates> {
  signal.throwIfAborted();
  const folders = new Map<string, Folder>();
  let newest: [number, number] = [0, 0];
  let count = 0;
  const root = readState(encodePath(`${directory}/.`))?.slice();
  invariant(root, 'a snapshot is a folder');
  const left = ['/'];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const host = path === '/' ? directory : directory + path;
    const found = readNames(host);
    const names: string[] = [];
    const states = new Float64Array(found.length * fullLength);
    for (const name of found) {
      const state = readState(encodePath(`${host}/${name}`));
      if (!state) continue;
      states.set(state, names.length * fullLength);
      names.push(name);
      if (isLater(state, newest)) newest = [state[5]!, state[6]!];
      if (isDirectoryMode(state[0]!)) left.push(childPath(path, name));
      if (++count % batch !== 0) continue;
      await setImmediate();
      signal.throwIfAborted();
    }
    folders.set(path, { names, states });
  }
  return {
    newest,
    names: (path) => folders.get(path)?.names ?? [],
    folders: () => folders.keys(),
    state(path) {
      if (path === '/') return root;
      const folder = folders.get(parentPath(path));
      const index = folder ? indexOf(folder.names, baseName(path)) : -1;
      if (index < 0) return undefined;
      return folder!.states.subarray(index * fullLength, (index + 1) * fullLength);
    },
  };
}

/** The same without some paths, below which there is nothing, and with another root. */
export function correctStates(
  states: TreeStates,
  changes: { root: FileState; without: readonly string[] },
): TreeStates {
  if (changes.without.length === 0)
    return { ...states, state: (path) => (path === '/' ? changes.root : states.state(path)) };
  const gone = new Set(changes.without);
  const touched = new Set(changes.without.map(parentPath));
  return {
    newest: states.newest,
    names(path) {
      if (gone.has(path)) return [];
      const names = states.names(path);
      return touched.has(path) ? names.filter((name) => !gone.has(childPath(path, name))) : names;
    },
    *folders() {
      for (const path of states.folders()) if (!gone.has(path)) yield path;
    },
    state(path) {
      if (path === '/') return changes.root;
      return gone.has(path) ? undefined : states.state(path);
    },
  };
}

/** Whether it is the same file, and nothing of it was changed. */
export function isSameState(a: FileState, b: FileState): boolean {
  for (let index = 0; index < fullLength; index++) if (a[index] !== b[index]) return false;
  return true;
}
