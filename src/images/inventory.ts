// What lies in the state folder, read and not judged: blobs, layers, records, what references and URLs stood for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptor } from '../oci/descriptor.ts';
import { type DiffID, type Digest, isDigest } from '../oci/digest.ts';
import { readChecked } from '../store/checked-file.ts';
import { readStoredImage, type StoredImage } from './catalog.ts';
import { type DiskFile, filesIn } from './disk-files.ts';
import type { OpenStore } from './open-store.ts';

export interface LayerFile extends DiskFile {
  diffID: DiffID;
  blobs: Descriptor[];
}

export interface RecordFile extends DiskFile {
  diffID: DiffID;
  description: string;
}

/** A base image that was resolved: its documents. */
export interface BaseFile extends DiskFile {
  reference: string;
  image: StoredImage;
}

export interface HttpFile extends DiskFile {
  digest: Digest;
}

export interface Inventory {
  blobs: Map<Digest, DiskFile>;
  layers: LayerFile[];
  records: RecordFile[];
  bases: BaseFile[];
  http: HttpFile[];
  /** Files of these folders that are not what they should be: torn, or of no use. */
  broken: DiskFile[];
}

/** Every look is a moment of its own: builds may add and take away meanwhile. */
export async function takeInventory({ root, store }: OpenStore): Promise<Inventory> {
  const broken: DiskFile[] = [];
  const read = <T>(folder: string, parse: (file: DiskFile) => T | undefined): T[] =>
    filesIn(folder).flatMap((file) => {
      const found = file.isFolder ? undefined : parse(file);
      if (found === undefined) broken.push(file);
      return found ?? [];
    });
  // First: what refers to a blob comes after it, so that none of these is taken for unreferenced while it is new.
  const blobs = new Map<Digest, DiskFile>();
  for (const file of filesIn(join(root, 'blobs', 'sha256'))) {
    const digest = `sha256:${file.name}`;
    if (isDigest(digest)) blobs.set(digest, file);
    else broken.push(file);
  }
  const layers = read(join(root, 'layers-v1'), layerFile);
  const records = read(join(root, 'cache-v2'), recordFile);
  const resolutions = read(join(root, 'resolutions-v1'), resolutionFile);
  const http = read(join(root, 'http-v1'), httpFile);
  const bases: BaseFile[] = [];
  for (const { descriptor, ...file } of resolutions)
    bases.push({ ...file, image: await readStoredImage(store, descriptor) });
  return { blobs, layers, records, bases, http, broken };
}

function checkedLine(path: string): Record<string, unknown> | undefined {
  const [line] = readChecked(path) ?? [];
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
}

function layerFile(file: DiskFile): LayerFile | undefined {
  const found = checkedLine(file.path);
  if (typeof found?.['diffID'] !== 'string') return undefined;
  return { ...file, diffID: found['diffID'] as DiffID, blobs: (found['blobs'] ?? []) as Descriptor[] };
}

function recordFile(file: DiskFile): RecordFile | undefined {
  const found = checkedLine(file.path);
  if (typeof found?.['diffID'] !== 'string') return undefined;
  return { ...file, diffID: found['diffID'] as DiffID, description: String(found['description'] ?? '') };
}

function resolutionFile(
  file: DiskFile,
): (DiskFile & { reference: string; descriptor: Descriptor }) | undefined {
  const found = checkedLine(file.path);
  const descriptor = found?.['descriptor'] as Descriptor | undefined;
  return descriptor && { ...file, reference: String(found!['key']), descriptor };
}

function httpFile(file: DiskFile): HttpFile | undefined {
  try {
    const [, memory] = JSON.parse(readFileSync(file.path, 'utf8')) as [string, { digest: string }];
    return isDigest(memory.digest) ? { ...file, digest: memory.digest } : undefined;
  } catch {
    return undefined;
  }
}
