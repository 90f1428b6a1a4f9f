// Files that changed a moment ago: their times may not tell of another change, so their content has to.
import { readlinkSync } from 'node:fs';
import { type FileState, isDirectoryMode, isFileMode } from '../fs/file-state.ts';
import { encodePath, pathBytes, readNames } from '../fs/path-bytes.ts';
import { type Digest, digestOf } from '../oci/digest.ts';

/** Nanoseconds. A clock that ticks in whole seconds, or two, gives two writes one time for longer. */
const fineTick = 50_000_000;
const coarseTick = 2_500_000_000;

/** Whether a later write could leave the same times: then they say nothing of the content. `now`: milliseconds since 1970. */
export function isRacy(state: FileState, now: number): boolean {
  const tick = state[6] === 0 ? coarseTick : fineTick;
  const age = (second: number, nanosecond: number): number =>
    (Math.floor(now / 1000) - second) * 1e9 + (Math.floor(now % 1000) * 1e6 - nanosecond);
  return age(state[3]!, state[4]!) < tick || age(state[5]!, state[6]!) < tick;
}

export const linkDigest = (path: string): Digest =>
  digestOf(readlinkSync(encodePath(path), { encoding: 'buffer' }));

export const namesDigest = (names: readonly string[]): Digest => digestOf(pathBytes(names.join('\0')));

/** What a file holds, a link's target, or a directory's names; undefined where it is something else by now. `path` is the host's. */
export function contentNow(
  path: string,
  mode: number,
  read: (path: string | Buffer) => Digest,
): Digest | undefined {
  try {
    if (isDirectoryMode(mode)) return namesDigest(readNames(path));
    return isFileMode(mode) ? read(encodePath(path)) : linkDigest(path);
  } catch {
    return undefined;
  }
}
