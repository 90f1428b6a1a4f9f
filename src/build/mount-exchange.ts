// RUN --mount=type=cache between machines: folders begin with what a shared cache has for them, and are exported when they changed.
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CachedMount } from '../cache-format/cache-config.ts';
import { mountName } from '../cache-format/merge-caches.ts';
import { systemCode } from '../errors.ts';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { giveOwner } from '../fs/owner-mark.ts';
import { uniqueName } from '../fs/unique-name.ts';
import { createUnpackCounter, type UnpackBudget } from '../layer/unpack-limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { mediaType } from '../oci/media-type.ts';
import type { CacheRemote, ContentStore } from '../seams.ts';
import type { OnEvent } from '../solver/events.ts';
import type { ImportedMount } from './cache-import.ts';
import type { MountList } from './mount-archive.ts';
import type { SecretGuard } from './secret-guard.ts';

export type MountIdentity = Pick<CachedMount, 'id' | 'mode' | 'uid' | 'gid'>;

/** Where mounts come from; set where a build imports caches. */
export interface MountImports {
  mount(mount: MountIdentity): Promise<ImportedMount | undefined>;
  onEvent: OnEvent;
  now(): number;
}

export interface MountExchange {
  importFrom(imports: MountImports): void;
  /** Makes `path` of what a cache has for it; false where none has, and nothing is made. */
  fill(mount: MountIdentity, path: string, signal: AbortSignal): Promise<boolean>;
  /** A step had the folder. */
  used(mount: MountIdentity, path: string): void;
  /** Sends those that were used and are not as the cache has them. */
  exportTo(
    remote: CacheRemote,
    known: readonly CachedMount[],
    options: MountExportOptions,
  ): Promise<CachedMount[]>;
}

export interface MountExportOptions {
  store: ContentStore;
  /** Runs work while no step has the folder to itself. */
  exclusive<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** ISO 8601. */
  used: string;
  warn(message: string): void;
  signal: AbortSignal;
}

/** Layers on top of each other; one more, and all is packed into one. */
const mostBlobs = 8;

export function createMountExchange(
  budget: UnpackBudget,
  secrets: () => SecretGuard | undefined = () => undefined,
): MountExchange {
  let imports: MountImports | undefined;
  const folders = new Map<string, { mount: MountIdentity; path: string }>();

  async function unpack(found: ImportedMount, path: string, signal: AbortSignal): Promise<void> {
    const { unpackLayer } = await import('../layer/unpack.ts');
    const { decompress } = await import('../layer/decompress.ts');
    const { listMount, shapeOf } = await import('./mount-archive.ts');
    const { verifying } = await import('../remote-cache/verified.ts');
    const { from } = found;
    const { blobs, mode, uid, gid } = found.mount;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = join(dirname(path), uniqueName('import'));
    mkdirSync(temporary);
    try {
      for (const blob of blobs) {
        const packed = verifying(from.open(blob, signal), blob, from.name);
        const bytes = decompress(packed, signal, createUnpackCounter(budget));
        await unpackLayer(bytes, temporary, {
          form: 'plain',
          overlayXattr: 'trusted.overlay',
          owners: 'if-allowed',
          limits: budget.limits,
          signal,
        });
      }
      giveOwner(temporary, { uid, gid });
      chmodSync(temporary, mode & 0o777);
      const list = listMount(temporary);
      renameSync(temporary, path);
      if (shapeOf(list) === found.mount.shape) await keepList(path, list);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      // Another build was faster.
      if (!['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
    }
  }

  async function exportOne(
    { mount, path }: { mount: MountIdentity; path: string },
    { remote, known }: { remote: CacheRemote; known: CachedMount | undefined },
    { store, used, signal }: MountExportOptions,
  ): Promise<CachedMount> {
    const { listMount, packMount, shapeOf } = await import('./mount-archive.ts');
    const { gzipChunks } = await import('../layer/gzip.ts');
    const list = listMount(path);
    const shape = shapeOf(list);
    const identity = { id: mount.id, mode: mount.mode, uid: mount.uid, gid: mount.gid };
    if (known?.shape === shape) return { ...known, used };
    const last = readList(path);
    const isBase = known && last && shapeOf(last) === known.shape && known.blobs.length < mostBlobs;
    const tar = packMount(path, list, { before: isBase ? last : undefined, signal });
    const searched = secrets()?.layer(`the cache mount ${mount.id}`)?.chunks(tar) ?? tar;
    const stored = await store.ingest(gzipChunks(searched), undefined, signal);
    const descriptor: Descriptor = { mediaType: mediaType.ociLayerGzip, ...stored };
    await remote.write({ descriptor, open: () => store.open(stored.digest) }, signal);
    await keepList(path, list);
    return { ...identity, shape, blobs: [...(isBase ? known.blobs : []), descriptor], used };
  }

  return {
    importFrom(from) {
      imports = from;
    },
    async fill(mount, path, signal) {
      const found = await imports?.mount(mount);
      if (!imports || !found) return false;
      try {
        await unpack(found, path, signal);
        return true;
      } catch (error) {
        signal.throwIfAborted();
        const message = `the cache mount ${mount.id} begins empty: ${(error as Error).message}`;
        imports.onEvent({ type: 'warning', message, time: imports.now() });
        return false;
      }
    },
    used(mount, path) {
      // Of several private ones, the first.
      if (!folders.has(mountName(mount)) || path.endsWith('/0'))
        folders.set(mountName(mount), { mount, path });
    },
    async exportTo(remote, known, options) {
      const mounts: CachedMount[] = [];
      for (const [name, folder] of folders) {
        const said = known.find((one) => mountName(one) === name);
        try {
          const before = said && (await hasAll(remote, said, options.signal)) ? said : undefined;
          const work = (): Promise<CachedMount> => exportOne(folder, { remote, known: before }, options);
          mounts.push(await options.exclusive(`cache mount ${folder.path}`, options.signal, work));
        } catch (error) {
          options.signal.throwIfAborted();
          options.warn(`the cache mount ${folder.mount.id} is not exported: ${(error as Error).message}`);
        }
      }
      return mounts;
    },
  };
}

async function hasAll(remote: CacheRemote, { blobs }: CachedMount, signal: AbortSignal): Promise<boolean> {
  for (const blob of blobs) if (!((await remote.has?.(blob, signal)) ?? true)) return false;
  return true;
}

/** Beside the folder: what the shared cache knows it to hold. */
const listFile = (path: string): string => `${path}.list.json`;

async function keepList(path: string, list: MountList): Promise<void> {
  await writeFileAtomic(listFile(path), JSON.stringify([...list]), { fsync: false });
}

function readList(path: string): MountList | undefined {
  try {
    return new Map(JSON.parse(readFileSync(listFile(path), 'utf8')) as [string, string][]);
  } catch {
    return undefined;
  }
}
