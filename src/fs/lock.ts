// Locks between processes that outlive a killed holder. They keep two processes from doing the same work twice and never
// guard correctness: every write of the store is atomic and idempotent without them.
import {
  closeSync,
  fstatSync,
  futimesSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../errors.ts';
import { diskError } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';
import { isAlive, ownIdentity, parseIdentity } from './process-identity.ts';
import { untilAborted } from './until-aborted.ts';

/** The holder touches its file this often, for those who can't look up its process. */
const heartbeat = 2_000;
/** A holder that can't be looked up and has not touched its file for this long is taken for dead. */
const patience = 20_000;
/** The same for a file without an owner: its writer died, or is just writing. */
const emptyPatience = 2_000;
const longestDelay = 100;

export interface LockOptions {
  /** Called once where the lock is not free at once. */
  onWait?: (() => void) | undefined;
}

/** The last of those who wait in this process, by file: they queue here, and one at a time asks the disk. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while no other process, and nobody else in this one, holds `file`. A holder that was killed is noticed by
 * its process (pid and start time); where that can't be looked up, by a file that is not touched any more. Not reentrant.
 * @throws signal.reason when aborted while waiting; ERR_STORE, ERR_DISK_FULL where the file can't be made.
 */
export async function withLock<T>(
  file: string,
  signal: AbortSignal,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  signal.throwIfAborted();
  const key = resolve(file);
  const before = queues.get(key);
  const leave = queue(key, before);
  let onWait = options.onWait;
  try {
    if (before) {
      onWait?.();
      onWait = undefined;
      await untilAborted(before, signal);
    }
    using _held = holding(key, await acquire(key, signal, onWait));
    return await work();
  } finally {
    leave();
  }
}

/**
 * Takes the lock where nobody holds it and nobody waits for it; undefined at once where somebody does. Disposing of it gives it back.
 * @throws ERR_STORE, ERR_DISK_FULL where the file can't be made.
 */
export function tryLock(file: string): Disposable | undefined {
  const key = resolve(file);
  if (queues.has(key)) return undefined;
  let fd = tryCreate(key);
  if (fd === undefined) {
    const seen = look(key, undefined);
    if (!seen || (isStale(seen) && steal(key, seen))) fd = tryCreate(key);
  }
  if (fd === undefined) return undefined;
  const leave = queue(key, undefined);
  const held = holding(key, fd);
  return {
    [Symbol.dispose]() {
      try {
        held[Symbol.dispose]();
      } finally {
        leave();
      }
    },
  };
}

/** A lock file that nobody holds any more. */
export interface StaleLock {
  file: string;
  /** Undefined where its holder was killed before it said who it is. */
  pid: number | undefined;
}

/** Lock files in a folder whose holders are dead; folders in it are none. Empty where there is no such folder. */
export function staleLocks(folder: string): StaleLock[] {
  return namesIn(folder).flatMap((name) => {
    const file = join(folder, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return [];
    const seen = look(file, undefined);
    if (!seen) return [];
    const holder = parseIdentity(seen.text);
    // A guard has no owner, and one without an owner is being written, unless it is old by the clock.
    const isOld = Math.abs(Date.now() - seen.mtime) > patience;
    const isDead = holder ? isStale(seen) : isOld;
    return isDead ? [{ file, pid: holder?.pid }] : [];
  });
}

/** Removes lock files whose holders are dead; whoever waits for one goes on sooner. */
export function sweepLocks(folder: string): void {
  for (const { file, pid } of staleLocks(folder)) {
    if (pid === undefined) remove(file);
    else tryLock(file)?.[Symbol.dispose]();
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, 'reading locks');
  }
}

/** Puts the caller behind `before`; returns how to leave. */
function queue(key: string, before: Promise<void> | undefined): () => void {
  let done!: () => void;
  const turn = new Promise<void>((resolve) => {
    done = resolve;
  });
  const tail = (before ?? Promise.resolve()).then(() => turn);
  queues.set(key, tail);
  return () => {
    done();
    if (queues.get(key) === tail) queues.delete(key);
  };
}

function holding(key: string, fd: number): Disposable {
  const beat = setInterval(() => touch(fd), heartbeat).unref();
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (!isHeld) return;
      isHeld = false;
      clearInterval(beat);
      release(key, fd);
    },
  };
}

async function acquire(file: string, signal: AbortSignal, onWait?: () => void): Promise<number> {
  let seen: Sighting | undefined;
  for (let delay = 1; ; delay = Math.min(delay * 2, longestDelay)) {
    signal.throwIfAborted();
    const fd = tryCreate(file);
    if (fd !== undefined) return fd;
    const now = look(file, seen);
    if (!now) continue;
    if (isStale(now)) {
      if (steal(file, now)) continue;
    } else if (!seen) onWait?.();
    seen = now;
    await pause(delay * (0.5 + Math.random()), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** The descriptor of the new lock file, or undefined where somebody holds it. */
function tryCreate(file: string): number | undefined {
  for (let made = false; ; made = true) {
    try {
      const fd = openSync(file, 'wx');
      try {
        writeSync(fd, JSON.stringify(ownIdentity()));
        return fd;
      } catch (error) {
        closeSync(fd);
        unlinkSync(file);
        throw error;
      }
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return undefined;
      if (systemCode(error) !== 'ENOENT' || made) throw diskError(error, 'making a lock');
      makeFolder(dirname(file));
    }
  }
}

/** A lock file as a waiter saw it. */
interface Sighting {
  text: string;
  ino: number;
  mtime: number;
  /** Since when it has looked like this, on this process's own clock: the clocks of others are not compared. */
  since: number;
}

function look(file: string, before: Sighting | undefined): Sighting | undefined {
  try {
    const { ino, mtimeMs } = statSync(file);
    const now = { text: readFileSync(file, 'utf8'), ino, mtime: mtimeMs, since: performance.now() };
    return before && same(before, now) ? before : now;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(error, 'reading a lock');
  }
}

function same(a: Sighting, b: Sighting): boolean {
  return a.text === b.text && a.ino === b.ino && a.mtime === b.mtime;
}

function isStale(seen: Sighting): boolean {
  const holder = parseIdentity(seen.text);
  const alive = holder && isAlive(holder);
  if (alive !== undefined) return !alive;
  return performance.now() - seen.since > (holder ? patience : emptyPatience);
}

/**
 * Removes a stale lock file. A second file serialises those who try, so that none of them removes the lock that a faster
 * one has just taken; it lives for microseconds, and an old one is from a process killed just then.
 */
function steal(file: string, stale: Sighting): boolean {
  const guard = `${file}.steal`;
  try {
    closeSync(openSync(guard, 'wx'));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw diskError(error, 'taking over a lock');
    const made = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
    if (made !== undefined && Date.now() - made > emptyPatience) remove(guard);
    return false;
  }
  try {
    const now = look(file, stale);
    if (now === stale) remove(file);
  } finally {
    remove(guard);
  }
  return true;
}

function release(file: string, fd: number): void {
  try {
    // Compared while the file is open: its inode number can't have been given away.
    if (statSync(file, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino) remove(file);
  } finally {
    closeSync(fd);
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskError(error, 'removing a lock');
  }
}

function touch(fd: number): void {
  try {
    const now = new Date();
    futimesSync(fd, now, now);
  } catch {
    // A lock that can't be touched may be taken over: then two do the same work, and both succeed.
  }
}
