// A cache index in memory: the fake for tests of what uses one. Passes the contract suite.
import type { Digest } from '../../src/oci/digest.ts';
import type { CacheIndex, CacheRecord } from '../../src/seams.ts';

export interface MemoryCacheIndex extends CacheIndex {
  /** The records, to be looked at and taken away by tests. */
  records: Map<Digest, CacheRecord>;
  /** Keys that were looked up, in order. */
  lookups: Digest[];
  partials: Set<Digest>;
}

export function createMemoryCacheIndex(): MemoryCacheIndex {
  const records = new Map<Digest, CacheRecord>();
  const lookups: Digest[] = [];
  const partials = new Set<Digest>();
  const tails = new Map<string, Promise<unknown>>();

  async function turn(name: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const before = tails.get(name);
    let resolveLeft!: () => void;
    const left = new Promise<void>((resolve) => {
      resolveLeft = resolve;
    });
    const tail = Promise.all([before, left]);
    tails.set(name, tail);
    const leave = (): void => {
      if (tails.get(name) === tail) tails.delete(name);
      resolveLeft();
    };
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      Promise.resolve(before).then(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
    return leave;
  }

  return {
    records,
    lookups,
    partials,
    async lookup(key) {
      lookups.push(key);
      return records.get(key);
    },
    async record(key, record, options = {}) {
      const known = records.get(key);
      if (known && !options.replace) return known;
      records.set(key, record);
      return record;
    },
    async exclusive(name, signal, work) {
      const leave = await turn(name, signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    tryExclusive(name) {
      if (tails.has(name)) return undefined;
      let leave!: () => void;
      const left = new Promise<void>((resolve) => {
        leave = resolve;
      });
      tails.set(name, left);
      return {
        [Symbol.dispose]() {
          if (tails.get(name) === left) tails.delete(name);
          leave();
        },
      };
    },
    async expect(added) {
      for (const partial of added) partials.add(partial);
    },
    async mayHave(partial) {
      return partials.has(partial);
    },
  };
}
