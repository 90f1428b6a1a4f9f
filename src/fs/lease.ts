// What a build relies on must not be deleted under it: a lease says since when a process has been at work, and everything that it
// uses gets the current time. Whoever deletes (`sweepAlone`) leaves alone what was used since the oldest lease began.
import { existsSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { diskError } from './disk-error.ts';
import { withLock } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { isAlive, ownIdentity, type ProcessIdentity, parseIdentity } from './process-identity.ts';
import { isMakerAlive, namesIn, uniqueName } from './unique-name.ts';

export interface Lease extends AsyncDisposable {
  /** Before anything is stored, or found to be stored. */
  hold(): Promise<void>;
  /**
   * Marks a file or folder that was just seen as used now. False where it was deleted meanwhile.
   * @param mtime of what was seen; milliseconds since 1970.
   */
  use(path: string, mtime: number): Promise<boolean>;
}

/** The holder touches its lease this often, for those who can't look up its process. */
const heartbeat = 60_000;
/** A holder that can't be looked up and has not touched its lease for this long is taken for dead. */
const patience = 20 * 60_000;
/** File systems take their times from a clock of a few milliseconds' ticks, and others' clocks may differ a little. */
const grain = 2_000;

const folderOf = (root: string): string => join(root, 'leases-v1');
const sweepLock = (root: string): string => join(root, 'locks', 'sweep');
const neverAborted = new AbortController().signal;

/** Costs nothing before it is first held. @param mode of the root, where it is made */
export function createLease(root: string, mode = 0o777): Lease {
  const file = join(folderOf(root), uniqueName('lease'));
  let start = 0;
  let held: Promise<void> | undefined;
  let beat: NodeJS.Timeout | undefined;

  async function begin(): Promise<void> {
    start = Date.now();
    const text = JSON.stringify({ ...ownIdentity(), since: start });
    try {
      makeFolder(folderOf(root), mode);
      writeFileSync(file, text);
    } catch (error) {
      // Who may not write here only reads, and takes what is there.
      if (['EROFS', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return;
      throw diskError(error, 'taking a lease on the store');
    }
    beat = setInterval(() => touch(file), heartbeat).unref();
    // A sweep that did not see the lease ends first; every later one sees it.
    await sweepsDone(root);
  }

  const hold = (): Promise<void> => {
    held ??= begin();
    return held;
  };

  return {
    hold,
    async use(path, mtime) {
      await hold();
      if (mtime >= start) return true;
      // Also where the clock was set back meanwhile: a sweep goes by when the lease began.
      const now = new Date(Math.max(Date.now(), start));
      try {
        // A call of microseconds: another thread would take longer to be asked.
        utimesSync(path, now, now);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return false;
        // Another's file, or a disk that is only read: nothing of it is deleted from here.
      }
      // A sweep that looked at the file before may be about to delete it.
      if (!existsSync(sweepLock(root))) return true;
      await sweepsDone(root);
      return statSync(path, { throwIfNoEntry: false }) !== undefined;
    },
    async [Symbol.asyncDispose]() {
      if (!held) return;
      await held.catch(() => undefined);
      clearInterval(beat);
      removeQuietly(file);
    },
  };
}

async function sweepsDone(root: string): Promise<void> {
  if (existsSync(sweepLock(root))) await withLock(sweepLock(root), neverAborted, async () => {});
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Then it may be taken for dead where its process can't be looked up.
  }
}

/**
 * Runs `work` while nobody else deletes and nobody starts to rely on what was not used since `cutoff` (milliseconds since 1970;
 * infinite where nobody holds a lease). Keep it short: builds wait for it.
 */
export function sweepAlone<T>(
  root: string,
  signal: AbortSignal,
  work: (cutoff: number) => Promise<T>,
): Promise<T> {
  return withLock(sweepLock(root), signal, () => work(usedSince(root)));
}

/** Whoever is at work may rely on what was used since then: milliseconds since 1970, infinite where nobody is. */
export function usedSince(root: string): number {
  return oldestLease(root) - grain;
}

/** Whether any process but this one is at work. */
export function othersAtWork(root: string): boolean {
  const own = ownIdentity();
  return leasesIn(root).some(({ since, owner }) => {
    const isOwn = owner !== undefined && owner.pid === own.pid && owner.start === own.start;
    return since !== undefined && !isOwn;
  });
}

/** Files of leases whose holders are dead: they were killed, and have left more. */
export function deadLeases(root: string): string[] {
  return leasesIn(root).flatMap(({ file, since }) => (since === undefined ? [file] : []));
}

/** @param dead as `deadLeases` told */
export function sweepLeases(dead: readonly string[]): void {
  for (const file of dead) removeQuietly(file);
}

function oldestLease(root: string): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { since } of leasesIn(root)) {
    if (since === undefined) continue;
    // The clock was set back since then: times tell nothing of what it relies on.
    if (since > Date.now() + grain) oldest = Number.NEGATIVE_INFINITY;
    else oldest = Math.min(oldest, since);
  }
  return oldest;
}

interface FoundLease {
  file: string;
  /** Undefined where the holder is dead. */
  since: number | undefined;
  owner: ProcessIdentity | undefined;
}

function leasesIn(root: string): FoundLease[] {
  return namesIn(folderOf(root)).flatMap((name) => readLease(join(folderOf(root), name)) ?? []);
}

/** Undefined where it was given back meanwhile. */
function readLease(file: string): FoundLease | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const owner = parseIdentity(text);
    const { mtimeMs } = statSync(file);
    const alive = owner ? isAlive(owner) : isMakerAlive(file);
    // A time in the future is from before the clock was set back.
    if (!(alive ?? Math.abs(Date.now() - mtimeMs) < patience)) return { file, since: undefined, owner };
    const { since } = (owner ? JSON.parse(text) : {}) as { since?: unknown };
    // One that is just being written has no content yet.
    return { file, since: typeof since === 'number' ? since : mtimeMs, owner };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(error, 'reading a lease');
  }
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It counts for nothing once its process is dead.
  }
}
