// Flags of mounts that came from the machine into a user namespace: nobody in there may take them off (mount_namespaces(7)), so that
// each change of a mount has to repeat them.
import { readFileSync } from 'node:fs';

export interface MountedAt {
  path: string;
  options: readonly string[];
}

const lockable = new Set(['ro', 'nosuid', 'nodev', 'noexec']);

const unquote = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** Lines of /proc/self/mountinfo (proc(5)); the last mount at a path is the one that shows. */
export function parseMounts(text: string): MountedAt[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, , , , path = '', options = ''] = line.split(' ');
      return { path: unquote(path), options: options.split(',').filter((each) => lockable.has(each)) };
    });
}

/** Those of the mount that an absolute path lies on. */
export function flagsAt(path: string, mounts: readonly MountedAt[]): readonly string[] {
  let found: MountedAt | undefined;
  for (const mount of mounts) {
    const holds = mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`);
    if (holds && (found === undefined || mount.path.length >= found.path.length)) found = mount;
  }
  return found?.options ?? [];
}

let mounts: MountedAt[] | undefined;

/** Read once: what is mounted later is not for steps. */
export function lockedFlags(path: string): readonly string[] {
  mounts ??= parseMounts(readFileSync('/proc/self/mountinfo', 'latin1'));
  return flagsAt(path, mounts);
}
