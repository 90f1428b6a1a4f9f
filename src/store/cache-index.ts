// Cache records on disk: one self-checking file for each key.
import { statSync } from 'node:fs';
import { link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../errors.ts';
import { moveInto, uniqueName, writeNewFile } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Lease } from '../fs/lease.ts';
import { withLock } from '../fs/lock.ts';
import { type Digest, digestOf, hexOf } from '../oci/digest.ts';
import type { CacheIndex, CacheRecord, KeyTree } from '../seams.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createStoreRoot } from './store-root.ts';

/**
 * The records below `root/cache-v1`. A lookup is one read of one file; the key's tree, which can be large, is parsed when
 * it is first looked at. A record is written without fsync: one that a power cut tore is absent. With a lease, a record's file
 * tells when it was last looked up.
 */
export function createCacheIndex(root: string, lease?: Pick<Lease, 'use'>): CacheIndex {
  const layout = createStoreRoot(root);

  function pathOf(key: Digest): string {
    const hex = hexOf(key);
    return join(layout.cache, hex.slice(0, 2), `${hex}.json`);
  }

  async function lookup(key: Digest): Promise<CacheRecord | undefined> {
    layout.check();
    const record = decode(key, readChecked(pathOf(key)));
    const seen = record && lease && statSync(pathOf(key), { throwIfNoEntry: false });
    if (seen) await lease!.use(pathOf(key), seen.mtimeMs);
    return record;
  }

  async function record(
    key: Digest,
    kept: CacheRecord,
    options: { replace?: boolean } = {},
  ): Promise<CacheRecord> {
    const first = options.replace ? undefined : await lookup(key);
    if (first) return first;
    layout.prepare();
    const { tree, ...head } = kept;
    const temporary = join(layout.tmp, uniqueName('record'));
    try {
      await writeNewFile(temporary, encodeChecked([{ key, ...head }, tree]), { fsync: false });
      if (!options.replace && (await linkInto(temporary, pathOf(key)))) return kept;
      const other = options.replace ? undefined : await lookup(key);
      if (other) return other;
      await moveInto(temporary, pathOf(key));
    } catch (error) {
      throw diskError(error, 'keeping a cache record');
    } finally {
      await rm(temporary, { force: true });
    }
    return kept;
  }

  async function exclusive<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    layout.prepare();
    return await withLock(join(layout.locks, hexOf(digestOf(name))), signal, work);
  }

  return { lookup, record, exclusive };
}

/** Gives `temporary` the name `path` too; false where there is such a file, or where the file system knows no hard links. */
async function linkInto(temporary: string, path: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await link(temporary, path);
    return true;
  } catch (error) {
    if (['EEXIST', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? ''))
      return false;
    throw error;
  }
}

function decode(key: Digest, lines: string[] | undefined): CacheRecord | undefined {
  const [first, second] = lines ?? [];
  if (first === undefined || second === undefined) return undefined;
  const { key: own, ...head } = JSON.parse(first) as Omit<CacheRecord, 'tree'> & { key: Digest };
  if (own !== key) return undefined;
  let tree: KeyTree | undefined;
  return {
    ...head,
    get tree() {
      tree ??= JSON.parse(second) as KeyTree;
      return tree;
    },
  };
}
