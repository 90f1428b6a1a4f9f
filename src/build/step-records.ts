// What a build has learnt of its steps: each one's record, under every key that leads to it.
import type { CachedResult } from '../cache-format/cache-config.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';
import type { CacheIndex, CacheRecord, KeyTree } from '../seams.ts';
import type { CacheKey } from '../solver/solve.ts';

export interface StepRecords {
  note(vertex: Vertex, keys: readonly CacheKey[], record: CacheRecord): void;
  /** Called for each that is noted, and for those that are noted already. */
  watch(see: (vertex: Digest, record: CacheRecord) => void): void;
  /** As a shared cache holds them, with the key trees that are known here. */
  results(vertices: ReadonlySet<Digest>, used: string): Promise<StepResult[]>;
}

export interface StepResult {
  result: CachedResult;
  trees: Map<Digest, KeyTree>;
}

interface Note {
  record: CacheRecord;
  trees: Map<Digest, KeyTree>;
}

export function createStepRecords(index: Pick<CacheIndex, 'lookup'>): StepRecords {
  const notes = new Map<Digest, Note>();
  const watchers: ((vertex: Digest, record: CacheRecord) => void)[] = [];

  /** Keys of earlier builds, too: another machine may come to ask for those. */
  async function withOthers({ record, trees }: Note): Promise<Map<Digest, KeyTree>> {
    const all = new Map(trees);
    for (const key of record.also ?? []) {
      if (all.has(key)) continue;
      const other = await index.lookup(key);
      if (other?.diffID === record.diffID) all.set(key, other.tree);
    }
    return all;
  }

  return {
    note(vertex, keys, record) {
      notes.set(vertex.id, { record, trees: new Map(keys.map(({ digest, tree }) => [digest, tree])) });
      for (const see of watchers) see(vertex.id, record);
    },
    watch(see) {
      watchers.push(see);
      for (const [vertex, { record }] of notes) see(vertex, record);
    },
    async results(vertices, used) {
      const found: StepResult[] = [];
      for (const [vertex, note] of notes) {
        if (!vertices.has(vertex)) continue;
        const { content, diffID, size, created, ran, seconds, description, also = [] } = note.record;
        const trees = await withOthers(note);
        const keys = [...new Set([...trees.keys(), ...also])].sort();
        const again = ran === undefined ? {} : { ran };
        found.push({
          result: { keys, content, diffID, size, created, ...again, seconds, description, used },
          trees,
        });
      }
      return found;
    },
  };
}
