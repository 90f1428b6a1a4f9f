// The files of an archive that anyone may have made, by name: a tar is read once, in whatever order it has them.
import { createReadStream, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { badArchive } from '../layer/bad-archive.ts';
import { decompress } from '../layer/decompress.ts';
import { readTar, type TarEntry } from '../layer/tar-reader.ts';
import { createUnpackCounter, type UnpackBudget } from '../layer/unpack-limits.ts';
import type { BlobInfo, ContentStore } from '../seams.ts';

export interface ArchiveFiles {
  /** Stored in the incoming store; undefined where there is no such file. */
  find(path: string): Promise<BlobInfo | undefined>;
  /** A small document; undefined where there is none. @throws ERR_BAD_ARCHIVE for a large one */
  read(path: string): Promise<Buffer | undefined>;
}

/** Where what an archive holds goes to, and how much that may be. */
export interface Incoming {
  store: ContentStore;
  budget: UnpackBudget;
}

const mostEntries = 100_000;
const documentLimit = 4 << 20;
const longestLink = 8;

/** @throws ERR_BAD_ARCHIVE for names that lead out of it, for devices and sparse files, for two files of one name. */
export async function readTarFiles(
  source: AsyncIterable<Uint8Array>,
  { store, budget }: Incoming,
  signal: AbortSignal,
): Promise<ArchiveFiles> {
  const tar = decompress(source, signal, createUnpackCounter(budget));
  const files = new Map<string, BlobInfo>();
  const links = new Map<string, string>();
  let entries = 0;
  for await (const entry of readTar(tar, { signal })) {
    if (++entries > mostEntries) throw badArchive(`it has more than ${mostEntries} entries`);
    const path = cleanName(entry.path);
    switch (entry.type) {
      case 'dir':
        break;
      case 'file':
        // No image's blob is one, and a few bytes could fill the disk.
        if (entry.offset === undefined) throw badArchive(`${JSON.stringify(path)} is a sparse file`);
        add(files, path, await store.ingest(entry.body(), { size: entry.size }, signal));
        break;
      case 'link':
        links.set(path, cleanName(entry.linkName));
        break;
      case 'symlink':
        links.set(path, symlinkTarget(path, entry));
        break;
      default:
        throw badArchive(`${JSON.stringify(path)} is a device or a pipe`);
    }
  }
  if (entries === 0) throw badArchive('it is empty, or no tar');
  const find = async (path: string): Promise<BlobInfo | undefined> => {
    let name = path;
    for (let hops = 0; hops < longestLink; hops++) {
      const file = files.get(name);
      if (file) return file;
      const next = links.get(name);
      if (next === undefined) return undefined;
      name = next;
    }
    throw badArchive(`${JSON.stringify(path)} is a link that does not end`);
  };
  return { find, read: (path) => readDocument(path, { find }, store) };
}

function add(files: Map<string, BlobInfo>, path: string, found: BlobInfo): void {
  const known = files.get(path);
  if (known && known.digest !== found.digest) throw badArchive(`it holds ${JSON.stringify(path)} twice`);
  files.set(path, found);
}

/** Without `./` and slashes at the end. */
function cleanName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || path.includes('\0'))
    throw badArchive(`${JSON.stringify(path)} leads out of it`);
  return parts.join('/');
}

function symlinkTarget(path: string, { linkName }: TarEntry): string {
  if (linkName.startsWith('/')) throw badArchive(`the link ${JSON.stringify(path)} leads out of it`);
  const parts = path.split('/').slice(0, -1);
  for (const part of linkName.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw badArchive(`the link ${JSON.stringify(path)} leads out of it`);
  }
  return parts.join('/');
}

async function readDocument(
  path: string,
  { find }: Pick<ArchiveFiles, 'find'>,
  store: ContentStore,
): Promise<Buffer | undefined> {
  const found = await find(path);
  if (!found) return undefined;
  if (found.size > documentLimit)
    throw badArchive(`${JSON.stringify(path)} of ${found.size} bytes is not read`);
  return store.read(found.digest);
}

/** A file below a folder, not through links: they may lead out of it. Undefined where there is none. */
function hostFile(folder: string, parts: readonly string[]): string | undefined {
  let path = folder;
  for (const [index, part] of parts.entries()) {
    path = join(path, part);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (index < parts.length - 1 ? !stat?.isDirectory() : !stat?.isFile()) return undefined;
  }
  return path;
}

/** An OCI layout in a folder: what is asked for is stored. */
export function readFolderFiles(folder: string, store: ContentStore, signal: AbortSignal): ArchiveFiles {
  const find = async (path: string): Promise<BlobInfo | undefined> => {
    const host = hostFile(folder, cleanName(path).split('/'));
    if (host === undefined) return undefined;
    return store.ingest(createReadStream(host, { highWaterMark: 1 << 20 }), undefined, signal);
  };
  return { find, read: (path) => readDocument(path, { find }, store) };
}
