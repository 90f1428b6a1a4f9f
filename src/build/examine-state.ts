// What the state folder lies on, and how much room there is.

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { privateMode } from '../fs/private-folder.ts';
import { makeTempDir } from '../fs/temp-dir.ts';
import { createStoreRoot } from '../store/store-root.ts';
import type { StateFolderReport } from './machine-report.ts';

interface Mount {
  path: string;
  type: string;
  options: readonly string[];
}

const plain = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** The mount that a path lies on, by /proc/self/mountinfo (proc_pid_mountinfo(5)): the last of the longest. */
function mountOf(path: string, mountinfo: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , point, options = ''] = before.split(' ');
    if (point === undefined) continue;
    const mount = plain(point);
    const isAbove = mount === '/' || path === mount || path.startsWith(`${mount}/`);
    if (!isAbove || (found !== undefined && mount.length < found.path.length)) continue;
    found = { path: mount, type: after.split(' ')[0] ?? '', options: options.split(',') };
  }
  return found;
}

function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

function readMounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}

/** Writes a file as builds do; undefined where that goes well. */
async function problemOf(root: string): Promise<string | undefined> {
  try {
    createStoreRoot(root).check();
    await using folder = await makeTempDir(join(root, 'tmp'), 'doctor-');
    await writeFile(join(folder.path, 'file'), 'written');
    return undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return error.message;
    return `nothing can be written there (${systemCode(error) ?? error})`;
  }
}

/** What was found out in earlier times. */
export async function forgetProbes(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) if (/^probes-.*\.json$/.test(name)) await rm(join(root, name), { force: true });
}

/** Runs `use` with a state folder that can be written to, or with its problem; a folder that was not there is none after that. */
export async function withStateFolder<T>(
  root: string,
  use: (state: StateFolderReport) => Promise<T>,
): Promise<T> {
  const made: string[] = [];
  for (let path = root; !existsSync(path); path = dirname(path)) made.push(path);
  const exists = made.length === 0;
  if (!exists) await mkdir(root, { recursive: true, mode: privateMode }).catch(() => undefined);
  try {
    const problem = await problemOf(root);
    const place = realpathSync(nearest(root));
    const mount = mountOf(place, readMounts());
    const { bsize, bavail, blocks, files, ffree } = await statfs(place);
    return await use({
      ...{ path: root, exists, problem },
      fileSystem: mount?.type,
      allowsPrograms: !(mount?.options ?? []).includes('noexec'),
      ...{ free: bavail * bsize, total: blocks * bsize, freeFiles: files > 0 ? ffree : undefined },
    });
  } finally {
    if (!exists) {
      await forgetProbes(root);
      for (const path of [join(root, 'tmp'), ...made]) await rmdir(path).catch(() => undefined);
    }
  }
}

/** Seconds from now to the newest of what builds wrote, where that lies ahead. @param now milliseconds since 1970 */
export function clockBehind(root: string, now: number): number {
  const times = ['store.json', 'index.json', 'builds-v1', 'cache-v2', 'tmp'].map(
    (name) => statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  const ahead = Math.max(...times) - now;
  return ahead > 2000 ? Math.round(ahead / 1000) : 0;
}
