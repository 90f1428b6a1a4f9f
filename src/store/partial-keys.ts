// Which partial keys any record has, or will have: eight bytes of each, one after the other in a file that grows until a prune cuts off
// the oldest. Who finds none of its own there knows, without knowing its whole key, that no record is for it.
import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { systemCode } from '../errors.ts';
import { writeFileAtomic } from '../fs/atomic-write.ts';
import { diskError } from '../fs/disk-error.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import type { StoreRoot } from './store-root.ts';

/** Of a digest's 32 bytes: two that begin alike make a step wait for nothing, once in centuries. */
const length = 8;

export interface PartialKeys {
  /** Idempotent. Written by one call, so that several processes can: what a power cut takes away costs a run, and no more. */
  add(partials: readonly Digest[]): Promise<void>;
  has(partial: Digest): Promise<boolean>;
}

export function createPartialKeys(layout: Pick<StoreRoot, 'partialKeys' | 'check' | 'prepare'>): PartialKeys {
  let known = Buffer.alloc(0);
  let inode = 0;

  const bytesOf = (partial: Digest): Buffer => Buffer.from(hexOf(partial), 'hex').subarray(0, length);

  /** Reads what was added since, by whomever. */
  function refresh(): void {
    layout.check();
    let file: number;
    try {
      file = openSync(layout.partialKeys, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw diskError(error, 'reading the cache');
    }
    try {
      const { size, ino } = fstatSync(file);
      // A prune has written it anew.
      if (ino !== inode) known = Buffer.alloc(0);
      inode = ino;
      if (size <= known.length) return;
      const added = Buffer.alloc(size - known.length);
      const count = readSync(file, added, 0, added.length, known.length);
      known = Buffer.concat([known, added.subarray(0, count)]);
    } finally {
      closeSync(file);
    }
  }

  return {
    async add(partials) {
      refresh();
      const missing = partials.map(bytesOf).filter((bytes) => !known.includes(bytes));
      if (missing.length === 0) return;
      layout.prepare();
      try {
        appendFileSync(layout.partialKeys, Buffer.concat(missing));
      } catch (error) {
        throw diskError(error, 'keeping a cache record');
      }
    },
    async has(partial) {
      refresh();
      return known.includes(bytesOf(partial));
    },
  };
}

/** So few are not worth a thought. */
const fewest = 1024;
/** A record has one of them, and steps that failed have some. */
const perRecord = 2;

/**
 * Cuts off the oldest where there are far more than records. One that a record still has costs a step that could have hit, and no more.
 * Call it while nobody is at work. @throws ERR_STORE, ERR_DISK_FULL
 */
export async function shrinkPartialKeys({
  partialKeys,
  cache,
  tmp,
}: Pick<StoreRoot, 'partialKeys' | 'cache' | 'tmp'>): Promise<void> {
  const size = statSync(partialKeys, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= fewest * length) return;
  const records = statSync(cache, { throwIfNoEntry: false }) ? readdirSync(cache).length : 0;
  const most = Math.max(fewest, records * perRecord) * length;
  if (size <= most) return;
  const bytes = readFileSync(partialKeys);
  await writeFileAtomic(partialKeys, bytes.subarray(bytes.length - most), { tmp, fsync: false });
}
