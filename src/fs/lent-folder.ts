// Folders that stand at another place for a while. Whoever comes after a kill finds them again by a note that lies beside their own
// place. A lock is held for as long as a folder is away.
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { systemCode } from '../errors.ts';
import { copyPath } from './copy-tree.ts';
import { tryLock, withLock } from './lock.ts';
import { encodePath } from './path-bytes.ts';

/** Of the note's name. */
export const lentEnding = '.lent';
const noteOf = (folder: string): string => folder + lentEnding;

/** To be held by who lends a folder. */
export const lendLock = (folder: string): string => `${folder}.lock`;

/** Where it went, and by which it is known there: a step may put something else in its way. */
interface Note {
  place: string;
  inode: string;
}

const inodeOf = (path: string): string | undefined => {
  const stat = lstatSync(encodePath(path), { bigint: true, throwIfNoEntry: false });
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined;
};

function readNote(folder: string): Note | undefined {
  try {
    const { place, inode } = JSON.parse(readFileSync(noteOf(folder), 'utf8')) as Partial<Note>;
    return typeof place === 'string' && typeof inode === 'string' ? { place, inode } : undefined;
  } catch {
    // Torn: it did not go yet.
    return undefined;
  }
}

/** For who holds the lock. */
function bringBack(folder: string): void {
  const note = readNote(folder);
  if (note && !existsSync(folder) && inodeOf(note.place) === note.inode)
    renameSync(encodePath(note.place), folder);
  rmSync(noteOf(folder), { force: true });
}

/** Waits until `folder` is back from where it is, if it is away; brings it back itself where its borrower was killed. */
export async function reclaimFolder(folder: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(noteOf(folder))) return;
  await withLock(lendLock(folder), signal, async () => bringBack(folder));
}

/** The same for a folder that nobody alive has; others are left where they are. */
export function reclaimAbandoned(folder: string): void {
  using held = tryLock(lendLock(folder));
  if (held) bringBack(folder);
}

export interface Loan {
  /** @param from what has become of it; undefined: nothing, so that the folder is empty again. */
  giveBack(from: string | undefined): Promise<void>;
}

/**
 * Moves a folder to `place`, where nothing is; or a copy, where that is on another file system. The caller holds the lock.
 * @param place.at a path for now. @param place.path where it is found after a kill.
 */
export async function lendFolder(
  folder: string,
  place: { at: string; path: string },
  signal: AbortSignal,
): Promise<Loan> {
  if (existsSync(noteOf(folder))) bringBack(folder);
  const { mode, uid, gid } = lstatSync(folder);
  const note: Note = { place: place.path, inode: inodeOf(folder) ?? '' };
  writeFileSync(noteOf(folder), JSON.stringify(note));
  const back = async (from: string): Promise<void> => {
    if (tryRename(from, folder)) return;
    const copy = `${folder}.new`;
    rmSync(copy, { recursive: true, force: true });
    // Not to be left half done by who is told to stop.
    await copyPath(from, copy, new AbortController().signal);
    if (existsSync(folder)) rmSync(folder, { recursive: true });
    renameSync(copy, folder);
  };
  if (!tryRename(folder, place.at)) {
    unlinkSync(noteOf(folder));
    await copyPath(folder, place.at, signal);
  }
  return {
    async giveBack(from) {
      if (from !== undefined) await back(from);
      else if (!existsSync(folder)) {
        mkdirSync(folder, { mode: mode & 0o7777 });
        chownSync(folder, uid, gid);
      }
      rmSync(noteOf(folder), { force: true });
    },
  };
}

function tryRename(from: string, to: string): boolean {
  try {
    renameSync(encodePath(from), encodePath(to));
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    return false;
  }
}
