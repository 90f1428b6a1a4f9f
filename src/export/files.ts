// The files of an image without its layers: a folder, or the entries of one tar.
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createTurns } from '../fs/in-turns.ts';
import { decodeName, encodePath, readNames } from '../fs/path-bytes.ts';
import { loadSys } from '../fs/sys.ts';
import type { LayerEntry, Tree, TreeEntry } from '../seams.ts';
import { layerPath } from '../tree/path.ts';
import { walkTree } from '../tree/walk.ts';
import { exportError } from './export-error.ts';

export interface FilePlace {
  /** The name of a folder for this platform; empty for none. */
  folder: string;
  /** Every file gets this time: seconds since 1970. */
  epoch: number | undefined;
}

const top: FilePlace = { folder: '', epoch: undefined };

const nanoseconds = (epoch: number): bigint => BigInt(epoch) * 1_000_000_000n;

/** Where a later name of a file finds its first. */
function firstNames(): (path: string, entry: TreeEntry) => string | undefined {
  const first = new Map<string, string>();
  return (path, entry) => {
    if (entry.type !== 'file' || entry.link === '') return undefined;
    const known = first.get(entry.link);
    if (known === undefined) first.set(entry.link, path);
    return known;
  };
}

/** As a layer would hold them. */
export function* treeEntries(
  tree: Tree,
  signal: AbortSignal,
  { folder, epoch }: FilePlace = top,
): Generator<LayerEntry, void> {
  const firstName = firstNames();
  const inFolder = (path: string): string => layerPath(folder === '' ? path : `/${folder}${path}`);
  const timed = (entry: TreeEntry): TreeEntry =>
    epoch === undefined ? entry : { ...entry, mtime: nanoseconds(epoch) };
  for (const { path, entry } of walkTree(tree, '/')) {
    signal.throwIfAborted();
    if (path === '/') {
      if (folder !== '') yield platformFolder(folder, entry, epoch ?? 0);
      continue;
    }
    const known = firstName(path, entry);
    const host = entry.type === 'file' ? tree.hostPath(path) : undefined;
    yield {
      kind: 'entry',
      path: inFolder(path),
      stat: timed(entry),
      linkTarget: entry.type === 'symlink' ? tree.readlink(path) : '',
      hardLinkTo: known === undefined ? undefined : inFolder(known),
      xattrs: tree.xattrs(path),
      content: host === undefined || typeof host === 'string' ? host : decodeName(host),
    };
  }
}

function platformFolder(folder: string, root: TreeEntry, epoch: number): LayerEntry {
  return {
    kind: 'entry',
    path: folder,
    stat: { ...root, mode: 0o755, uid: 0, gid: 0, mtime: nanoseconds(epoch) },
    linkTarget: '',
    hardLinkTo: undefined,
    xattrs: {},
    content: undefined,
  };
}

const inside = (dest: string, folder: string): string => (folder === '' ? dest : `${dest}/${folder}`);

/** Folders made, devices and sockets left out. */
const isExported = ({ type }: TreeEntry): boolean => ['file', 'symlink', 'dir'].includes(type);

/** The paths that writeFiles writes. */
export function* writtenPaths(tree: Tree, dest: string, folder: string): Generator<string, void> {
  for (const { path, entry } of walkTree(tree, '/'))
    if (isExported(entry)) yield path === '/' ? inside(dest, folder) : inside(dest, folder) + path;
}

/**
 * Writes the files below `dest`, owned by whoever runs this; devices and sockets are left out. What is there is replaced.
 * @throws ERR_EXPORT, ERR_DISK_FULL
 */
export async function writeFiles(
  tree: Tree,
  dest: string,
  options: FilePlace & { signal: AbortSignal },
): Promise<void> {
  try {
    await write(tree, inside(dest, options.folder), options);
  } catch (error) {
    throw exportError(error, dest);
  }
}

async function write(
  tree: Tree,
  dest: string,
  { folder, epoch, signal }: FilePlace & { signal: AbortSignal },
): Promise<void> {
  const sys = loadSys();
  const turns = createTurns(signal);
  const firstName = firstNames();
  const directories: [string, TreeEntry][] = [];
  const timeOf = (entry: TreeEntry): bigint => (epoch === undefined ? entry.mtime : nanoseconds(epoch));
  for (const { path, entry } of walkTree(tree, '/')) {
    if (turns.isDue()) await turns.take();
    const target = path === '/' ? dest : dest + path;
    if (entry.type === 'dir') {
      makeDirectory(target);
      directories.push([target, entry]);
      continue;
    }
    if (!isExported(entry)) continue;
    const host = encodePath(target);
    rmSync(host, { recursive: true, force: true });
    const known = firstName(path, entry);
    if (known !== undefined) linkSync(encodePath(dest + known), host);
    else if (entry.type === 'symlink') symlinkSync(encodePath(tree.readlink(path)), host);
    else {
      await copyContent(tree.hostPath(path), host, { size: entry.size, signal });
      chmodSync(host, entry.mode);
    }
    if (known === undefined) sys.setTimes(target, timeOf(entry));
  }
  for (const [target, entry] of directories.reverse()) {
    if (turns.isDue()) await turns.take();
    if (target === dest) {
      // The caller's own folder stays as it is; a platform's is part of the result.
      if (folder !== '' && epoch !== undefined) sys.setTimes(target, nanoseconds(epoch));
      continue;
    }
    chmodSync(encodePath(target), entry.mode);
    sys.setTimes(target, timeOf(entry));
  }
}

/** Copied in one call: as fast as can be, and nothing else happens meanwhile. */
const atOnce = 16 << 20;
const chunkSize = 4 << 20;

async function copyContent(
  from: string | Buffer,
  to: string | Buffer,
  { size, signal }: { size: number; signal: AbortSignal },
): Promise<void> {
  if (size <= atOnce) return copyFileSync(from, to, constants.COPYFILE_FICLONE);
  if (sharesBlocks(from, to)) return;
  await using source = await open(from);
  await using target = await open(to, 'w');
  const buffer = Buffer.allocUnsafeSlow(chunkSize);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(buffer, 0, chunkSize);
      if (bytesRead === 0) return;
      await target.writeFile(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    // No part of a file under its name.
    rmSync(to, { force: true });
    throw error;
  }
}

/** Where files can share blocks, size does not matter. */
function sharesBlocks(from: string | Buffer, to: string | Buffer): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
}

/** A link or file in the way is replaced: nothing is written through a link. */
function makeDirectory(target: string): void {
  const host = encodePath(target);
  const there = lstatSync(host, { throwIfNoEntry: false });
  if (there && !there.isDirectory() && target !== '/') rmSync(host);
  mkdirSync(host, { recursive: true });
}

/**
 * Removes what is below `dest` and is not to be kept; folders on the way to what is kept stay. Links are not followed.
 * @throws ERR_EXPORT
 */
export async function removeOthers(dest: string, keep: Iterable<string>, signal: AbortSignal): Promise<void> {
  const kept = new Set<string>();
  const turns = createTurns(signal);
  for (let path of keep) {
    if (turns.isDue()) await turns.take();
    for (; path.length > dest.length && !kept.has(path); path = path.slice(0, path.lastIndexOf('/')))
      kept.add(path);
  }
  const clean = async (folder: string): Promise<void> => {
    for (const name of readNames(folder)) {
      if (turns.isDue()) await turns.take();
      const path = `${folder}/${name}`;
      const host = encodePath(path);
      if (!kept.has(path)) await rm(host, { recursive: true, force: true });
      else if (lstatSync(host, { throwIfNoEntry: false })?.isDirectory()) await clean(path);
    }
  };
  if (!lstatSync(dest, { throwIfNoEntry: false })) return;
  try {
    await clean(dest);
  } catch (error) {
    throw exportError(error, dest);
  }
}
