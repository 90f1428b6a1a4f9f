// Which partial keys any record has, or will have: eight bytes of each, one after the other in a file that only grows. Who finds none
// of its own there knows, without knowing its whole key, that no record is for it.
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../errors.ts';
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
      const { size } = fstatSync(file);
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
