// What ops need of the world, in memory: trees by layer, counts of what was opened and committed.

import type { DiffID } from '../../src/oci/digest.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { OpEnvironment } from '../../src/ops/environment.ts';
import type { Result } from '../../src/ops/result.ts';
import type { LayerEntry, Tree } from '../../src/seams.ts';
import type { CacheKey, Op, Outcome } from '../../src/solver/solve.ts';

export interface FakeEnvironment {
  environment: OpEnvironment;
  /** Paths of each layer that was made, in order. */
  committed: string[][];
  /** Identities whose files were asked for. */
  viewed: string[];
  layered(identity: string, tree: Tree): Result;
}

const { signal } = new AbortController();

export function fakeEnvironment(): FakeEnvironment {
  const trees = new Map<string, { identity: string; tree: Tree }>();
  const committed: string[][] = [];
  const viewed: string[] = [];
  const snapshotter = {
    view: async (layers: readonly { diffID: string }[]) => {
      const found = trees.get(layers.at(-1)?.diffID ?? '');
      if (!found) throw new Error('there is no such layer');
      viewed.push(found.identity);
      return { tree: found.tree };
    },
  };
  const parts = {
    snapshotter,
    now: () => 1000,
    unpackArchive: async () => undefined,
    async commit(entries: Iterable<LayerEntry>): Promise<Outcome> {
      const paths = [...entries].map(({ path }) => path);
      committed.push(paths);
      const content = digestOf(paths.join('\n'));
      return { content, diffID: content as string as DiffID, size: 1 };
    },
  };
  return {
    // The members that file operations use; the others are of RUN.
    environment: parts as unknown as OpEnvironment,
    committed,
    viewed,
    layered(identity, tree) {
      const diffID = digestOf(identity) as string as DiffID;
      trees.set(diffID, { identity, tree });
      return { kind: 'layers', identity, layers: [{ diffID, size: 1, blobs: [] }] };
    },
  };
}

export async function keysOf(op: Op<Result>, inputs: (Result | undefined)[]): Promise<CacheKey[]> {
  const keys: CacheKey[] = [];
  for await (const key of op.keys(inputs, signal)) keys.push(key);
  return keys;
}

/** The first key alone, as the solver asks for it. */
export async function firstKey(op: Op<Result>, inputs: (Result | undefined)[]): Promise<string> {
  for await (const key of op.keys(inputs, signal)) return key.digest;
  throw new Error('the op has no key');
}

export const run = (op: Op<Result>, inputs: (Result | undefined)[]): Promise<Outcome> =>
  op.run(inputs, signal);
