// Which user namespace this process is in, as the kernel tells of it (user_namespaces(7)).
import { readFileSync } from 'node:fs';

export interface UserNamespace {
  /** `subuid`: there are ids for everybody of an image. `single`: there is this user's alone. */
  kind: 'subuid' | 'single';
  /** How many user ids there are, and how many groups; whichever are fewer. */
  ids: number;
}

/** For who is not root. Nobody can enter a namespace while several threads run: whoever starts the process has to do it. */
export const namespaceHint =
  'The command slipway enters a user namespace by itself, where the machine allows one: slipway doctor says what is missing. A program that uses the library is to be started in one: unshare --user --map-auto --map-root-user -- node …';

/** Of the first namespace, and of any that is like it. */
const allIDs = 2 ** 32 - 1;
/** Fewer would be too few for root, the system's users and nobody. */
const enough = 1000;

/** How many ids a map in /proc gives. */
function countIDs(map: string): number {
  return map
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0);
}

/** @param maps /proc/self/uid_map and gid_map. @returns undefined for the first namespace. */
export function describeMaps(maps: { uid: string; gid: string }): UserNamespace | undefined {
  const ids = Math.min(countIDs(maps.uid), countIDs(maps.gid));
  if (ids >= allIDs) return undefined;
  return { kind: ids >= enough ? 'subuid' : 'single', ids };
}

/** The user that root is outside, in a namespace of one id or of one and a range, as unprivileged users can make them. */
export function outerUser(): number | undefined {
  if (userNamespace() === undefined) return undefined;
  const [inside, outside, count] = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  return inside === '0' && count === '1' ? Number(outside) : undefined;
}

let found: { namespace: UserNamespace | undefined } | undefined;

/** Undefined in the first user namespace, and where there are none. Read once. */
export function userNamespace(): UserNamespace | undefined {
  found ??= { namespace: read() };
  return found.namespace;
}

function read(): UserNamespace | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const [uid, gid] = ['uid_map', 'gid_map'].map((name) => readFileSync(`/proc/self/${name}`, 'latin1'));
    return describeMaps({ uid: uid!, gid: gid! });
  } catch {
    return undefined;
  }
}
