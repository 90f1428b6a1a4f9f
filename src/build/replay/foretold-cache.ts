// Records of builds that were only foretold, in memory: of many builds the keys, of the last the trees.
import type { Digest } from '../../oci/digest.ts';
import type { CacheIndex, CacheRecord, KeyTree } from '../../seams.ts';

export interface ForetoldCache extends CacheIndex {
  tree(key: Digest): KeyTree | undefined;
  also(key: Digest): readonly Digest[];
  /** The trees of the builds before go. */
  begin(): void;
  /** Forgets what was recorded since `begin`. */
  undo(): void;
  /** Forgets all. */
  clear(): void;
}

const noTree: KeyTree = {};

export function createForetoldCache(): ForetoldCache {
  const records = new Map<Digest, CacheRecord>();
  const trees = new Map<Digest, KeyTree>();
  const before = new Map<Digest, CacheRecord | undefined>();
  return {
    tree: (key) => trees.get(key),
    also: (key) => records.get(key)?.also ?? [],
    begin() {
      trees.clear();
      before.clear();
    },
    undo() {
      for (const [key, record] of before) {
        if (record) records.set(key, record);
        else records.delete(key);
      }
    },
    clear() {
      records.clear();
    },
    async lookup(key) {
      return records.get(key);
    },
    async record(key, record, options = {}) {
      const kept = records.get(key);
      if (kept && !options.replace) return kept;
      if (!before.has(key)) before.set(key, kept);
      trees.set(key, record.tree);
      records.set(key, { ...record, tree: noTree });
      return record;
    },
    exclusive: (_name, _signal, work) => work(),
    tryExclusive: () => ({ [Symbol.dispose]() {} }),
    async expect() {},
    async mayHave() {
      return true;
    },
  };
}
