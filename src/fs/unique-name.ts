// Names of temporary files that say who made them, so that what a killed process has left is known to be nobody's.
import { randomBytes } from 'node:crypto';
import { opendirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { diskError } from './disk-error.ts';
import { isAlive, ownIdentity } from './process-identity.ts';

/** `.<pid>-<start>-<space>.<random>`: clock ticks from boot, and eight digits of the digest of the boot and pid namespace. */
const form = /\.(\d+)-(\d*)-([0-9a-f]{8})\.[0-9a-f]{12}$/;

/** Who can't be looked up has stopped writing for good after so long; milliseconds. */
const filePatience = 3600_000;
/** The same of folders, whose times don't tell of what happens further down. */
const folderPatience = 24 * 3600_000;

let ownSpace: string | undefined;

function space(): string {
  ownSpace ??= hexOf(digestOf(ownIdentity().space)).slice(0, 8);
  return ownSpace;
}

/** A name that no other process makes: the base, and who this process is. */
export function uniqueName(base: string): string {
  const { pid, start } = ownIdentity();
  return `${base}.${pid}-${start}-${space()}.${randomBytes(6).toString('hex')}`;
}

/** Whether the process that made a name still runs; undefined where that can't be told: another machine's, another container's, or no such name. */
export function isMakerAlive(name: string): boolean | undefined {
  const [, pid, start, made] = form.exec(name) ?? [];
  const own = ownIdentity();
  if (!start || own.space === '' || made !== space()) return undefined;
  return isAlive({ pid: Number(pid), start, space: own.space });
}

/**
 * Names in a folder that no living process will finish. Empty where there is no such folder.
 * @param options `prefix`: only unique names that begin like this; without it also names of other forms, once they are old.
 */
export function abandonedIn(folder: string, { prefix }: { prefix?: string } = {}): string[] {
  return namesIn(folder).filter((name) => {
    if (prefix !== undefined && !(name.startsWith(prefix) && form.test(name))) return false;
    const alive = isMakerAlive(name);
    return alive === undefined ? isOld(join(folder, name)) : !alive;
  });
}

/** Removes files that a killed process has left where people look: only such as say who made them. Failing to is no failure. */
export function removeAbandoned(folder: string, prefix: string): void {
  try {
    for (const name of abandonedIn(folder, { prefix })) unlinkSync(join(folder, name));
  } catch {
    // Whoever writes there next tries again.
  }
}

/** A time far in the future is from before the clock was set. */
function isOld(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return false;
  return Math.abs(Date.now() - found.mtimeMs) > (found.isDirectory() ? folderPatience : filePatience);
}

/** Not by readdir: a build in which all is cached looks here, and the program takes a listing for the beginning of work. */
export function namesIn(folder: string): string[] {
  try {
    const names: string[] = [];
    const open = opendirSync(folder);
    try {
      for (let entry = open.readSync(); entry; entry = open.readSync()) names.push(entry.name);
    } finally {
      open.closeSync();
    }
    return names;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')) return [];
    throw diskError(error, 'listing temporary files');
  }
}
