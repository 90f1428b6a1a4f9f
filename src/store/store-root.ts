// The folder of the store: what lies where, which version it has, and how it comes to be.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SlipwayError, systemCode } from '../errors.ts';
import { diskError } from '../fs/disk-error.ts';
import { makeFolder } from '../fs/make-folder.ts';
import { privateMode } from '../fs/private-folder.ts';
import { encodeJson } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';

const version = 1;

export interface StoreRoot {
  path: string;
  /** `blobs/sha256` of an OCI layout. */
  blobs: string;
  index: string;
  cache: string;
  partialKeys: string;
  /** What builds were. */
  builds: string;
  layers: string;
  images: string;
  resolutions: string;
  /** Temporary files, on the file system of all the others. */
  tmp: string;
  locks: string;
  /** Before a read: a store that isn't there yet is empty. @throws ERR_STORE for a store of another version. */
  check(): void;
  /** Before a write: makes what is missing. @throws ERR_STORE, ERR_DISK_FULL */
  prepare(): void;
}

/** Looks at the disk only when first asked to, and once; costs nothing otherwise. */
export function createStoreRoot(folder: string): StoreRoot {
  const path = resolve(folder);
  const at = (...names: string[]) => join(path, ...names);
  let checked = false;
  let prepared = false;

  function check(): void {
    if (checked) return;
    checked = readVersion(path);
  }

  function prepare(): void {
    if (prepared) return;
    try {
      if (!readVersion(path)) refuseForeign(path);
      for (const name of [root.tmp, root.locks, root.blobs]) makeFolder(name, privateMode);
      writeOnce(root, 'store.json', JSON.stringify({ version }));
      writeOnce(root, 'oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
      writeOnce(root, 'index.json', encodeIndex([]));
    } catch (error) {
      throw diskError(error, `making the store ${path}`);
    }
    checked = prepared = true;
  }

  const root: StoreRoot = {
    path,
    blobs: at('blobs', 'sha256'),
    index: at('index.json'),
    cache: at('cache-v2'),
    partialKeys: at('partial-keys-v1'),
    builds: at('builds-v1'),
    layers: at('layers-v1'),
    images: at('images-v1'),
    resolutions: at('resolutions-v1'),
    tmp: at('tmp'),
    locks: at('locks'),
    check,
    prepare,
  };
  return root;
}

/** An index (image-index.md) as index.json holds it. */
export function encodeIndex(manifests: object[]): Buffer {
  return encodeJson({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests });
}

/** Whether there is a store. @throws ERR_STORE for one of another version. */
function readVersion(path: string): boolean {
  const file = join(path, 'store.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    if (systemCode(error) !== 'ENOTDIR') throw diskError(error, `reading the store ${path}`);
    throw new SlipwayError('ERR_STORE', `${path} can't be the store: it is no folder`, {
      hint: 'name a folder with --root',
    });
  }
  let found: unknown;
  try {
    found = (JSON.parse(text) as { version?: unknown } | null)?.version;
  } catch {
    found = undefined;
  }
  if (found === version) return true;
  const what = Number.isInteger(found) ? `has format ${String(found)}` : 'has no readable format number';
  throw new SlipwayError('ERR_STORE', `the store ${path} ${what}; this program knows format ${version}`, {
    hint: 'name another folder with --root, or use the program that made this one',
  });
}

/** The store rewrites index.json, which must not happen to a layout that is somebody's result. */
function refuseForeign(path: string): void {
  if (!existsSync(join(path, 'oci-layout')) || existsSync(join(path, 'locks'))) return;
  throw new SlipwayError('ERR_STORE', `${path} is an OCI layout, but not one of a store`, {
    hint: 'name another folder with --root',
  });
}

/** Makes a file, whole or not at all, unless it is there. */
function writeOnce(root: StoreRoot, name: string, data: string | Buffer): void {
  const target = join(root.path, name);
  if (existsSync(target)) return;
  const temporary = join(root.tmp, `${name}.${process.pid}.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(temporary, data, { flag: 'wx', flush: true });
    try {
      linkSync(temporary, target);
    } catch (error) {
      // File systems without hard links: then the last of several writers wins, and all write the same.
      if (systemCode(error) !== 'EEXIST') renameSync(temporary, target);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
}
