// Cache records on disk: one self-checking file for each key.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import type { Lease } from '../fs/lease.ts';
import { tryLock, withLock } from '../fs/lock.ts';
import { tryWrite } from '../fs/try-write.ts';
import { type Digest, digestOf, hexOf, isDigest } from '../oci/digest.ts';
import type { CacheIndex, CacheRecord, KeyTree } from '../seams.ts';
import { encodeChecked, readChecked } from './checked-file.ts';
import { createPartialKeys } from './partial-keys.ts';
import { createStoreRoot } from './store-root.ts';

/**
 * The records below `root/cache-v2`. A lookup is one read of one file; the key's tree, which can be large, is parsed when
 * it is first looked at. A record is written where it stays, by one call and without fsync: one that a kill or a power cut
 * tore is absent, and is replaced; `onDamage` is told of it. With a lease, a record's file tells when it was last looked up.
 */
export function createCacheIndex(
  root: string,
  lease?: Pick<Lease, 'use'>,
  onDamage?: (key: Digest) => void,
): CacheIndex {
  const layout = createStoreRoot(root);
  const partials = createPartialKeys(layout);

  function pathOf(key: Digest): string {
    return join(layout.cache, `${hexOf(key)}.json`);
  }

  async function lookup(key: Digest): Promise<CacheRecord | undefined> {
    layout.check();
    const record = decode(key, readChecked(pathOf(key)));
    const isAsked = record ? lease : onDamage;
    const seen = isAsked && statSync(pathOf(key), { throwIfNoEntry: false });
    // An empty one was never finished.
    if (!record && seen && seen.size > 0) onDamage?.(key);
    if (record && seen) await lease!.use(pathOf(key), seen.mtimeMs);
    return record;
  }

  async function record(
    key: Digest,
    kept: CacheRecord,
    options: { replace?: boolean } = {},
  ): Promise<CacheRecord> {
    layout.prepare();
    const { tree, ...head } = kept;
    const text = encodeChecked([{ key, ...head }, tree]);
    try {
      if (!options.replace) {
        if (tryWrite(pathOf(key), text)) return kept;
        const other = await lookup(key);
        if (other) return other;
      }
      await writeFileAtomic(pathOf(key), text, { tmp: layout.tmp, fsync: false });
    } catch (error) {
      throw diskError(error, 'keeping a cache record');
    }
    return kept;
  }

  const lockOf = (name: string): string => join(layout.locks, hexOf(digestOf(name)));

  async function exclusive<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    layout.prepare();
    return await withLock(lockOf(name), signal, work);
  }

  function tryExclusive(name: string): Disposable | undefined {
    layout.prepare();
    return tryLock(lockOf(name));
  }

  return { lookup, record, exclusive, tryExclusive, expect: partials.add, mayHave: partials.has };
}

/** Looks at records without a lease: for who only asks what they say. */
export function createRecordReader(root: string): (key: Digest) => CacheRecord | undefined {
  const { cache } = createStoreRoot(root);
  return (key) => decode(key, readChecked(join(cache, `${hexOf(key)}.json`)));
}

function decode(key: Digest, lines: string[] | undefined): CacheRecord | undefined {
  const [first, second] = lines ?? [];
  if (first === undefined || second === undefined) return undefined;
  const { key: own, ...head } = JSON.parse(first) as Omit<CacheRecord, 'tree'> & { key: Digest };
  // What another version wrote there in its own way is no record to this one.
  if (own !== key || !isHead(head) || !second.startsWith('{')) return undefined;
  let tree: KeyTree | undefined;
  return {
    ...head,
    get tree() {
      tree ??= JSON.parse(second) as KeyTree;
      return tree;
    },
  };
}

function isHead({
  content,
  diffID,
  size,
  created,
  seconds,
  description,
}: Omit<CacheRecord, 'tree'>): boolean {
  return (
    isDigest(content) &&
    isDigest(diffID) &&
    typeof size === 'number' &&
    typeof created === 'string' &&
    typeof seconds === 'number' &&
    typeof description === 'string'
  );
}
