// RUN as an op: keyed on what it is and sees, run in a root of its own, its changes packed into a layer.
import { runInTurns } from '../fs/in-turns.ts';
import type { ExecOp, Vertex } from '../graph/vertex.ts';
import type { KeyTree } from '../seams.ts';
import type { CacheKey, Op, Ran } from '../solver/solve.ts';
import { keyDigest, treeKey } from '../tree/key-tree.ts';
import { cleanPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve.ts';
import type { OpEnvironment } from './environment.ts';
import { execKey } from './exec-key.ts';
import { runStep } from './exec-run.ts';
import { identityOf, layersOf, type Result, stepKey, treeOf, withLayer } from './result.ts';

type Inputs = readonly (Result | undefined)[];

/** What a mount shows, and the digest of that. */
interface Shown {
  tree: KeyTree | string | undefined;
  digest: string | undefined;
}

export function createExecOp(op: ExecOp, vertex: Vertex, environment: OpEnvironment): Op<Result> {
  const { snapshotter } = environment;

  /** What mount `index` shows: by identity where that is enough, else by content. */
  async function shown(
    index: number,
    inputs: Inputs,
    signal: AbortSignal,
  ): Promise<KeyTree | string | undefined> {
    const mount = op.mounts[index]!;
    if ((mount.type !== 'bind' && mount.type !== 'cache') || mount.input === undefined) return undefined;
    const result = inputs[mount.input];
    const tree = await treeOf(result, snapshotter, signal);
    const source = resolvePath(tree, cleanPath(mount.source), { followLast: true });
    return runInTurns(treeKey(tree, source, { mode: true, owner: result?.kind === 'layers' }), signal);
  }

  function identityOfMount(index: number, inputs: Inputs): string | undefined {
    const mount = op.mounts[index]!;
    if ((mount.type !== 'bind' && mount.type !== 'cache') || mount.input === undefined) return undefined;
    const result = inputs[mount.input];
    return result?.kind === 'tree' ? undefined : identityOf(result);
  }

  const read = new Map<number, { from: Result | undefined; content: Shown }>();

  /** The same, read once for as long as the input is the same. */
  async function shownOnce(index: number, inputs: Inputs, signal: AbortSignal): Promise<Shown> {
    const mount = op.mounts[index]!;
    const from = 'input' in mount && mount.input !== undefined ? inputs[mount.input] : undefined;
    const before = read.get(index);
    if (before && before.from === from) return before.content;
    const tree = await shown(index, inputs, signal);
    const digest = typeof tree === 'object' ? keyDigest(tree) : tree;
    read.set(index, { from, content: { tree, digest } });
    return { tree, digest };
  }

  async function* keys(inputs: Inputs, signal: AbortSignal): AsyncIterable<CacheKey> {
    const root = identityOf(inputs[0]);
    const mounted = op.mounts.flatMap((mount, index) =>
      'input' in mount && mount.input !== undefined ? [index] : [],
    );
    const layered = mounted.filter((index) => identityOfMount(index, inputs) !== undefined);
    const contents = new Map<number, Shown>();
    const keyOf = (content: (index: number, part: keyof Shown) => KeyTree | string | undefined): CacheKey => {
      const tree = (part: keyof Shown): KeyTree =>
        execKey(op, environment.exec, { root, content: (index) => content(index, part) });
      return stepKey(tree('tree'), tree('digest'));
    };
    for (const index of mounted)
      if (!layered.includes(index)) contents.set(index, await shownOnce(index, inputs, signal));
    yield keyOf((index, part) => identityOfMount(index, inputs) ?? contents.get(index)?.[part]);
    if (layered.length === 0) return;
    for (const index of layered) contents.set(index, await shownOnce(index, inputs, signal));
    yield keyOf((index, part) => contents.get(index)?.[part]);
  }

  async function begin(inputs: Inputs, signal: AbortSignal): Promise<Ran<Result>> {
    const given: AsyncDisposable[] = [];
    const giveBack = async (): Promise<void> => {
      for (const one of given.splice(0).reverse()) await one[Symbol.asyncDispose]();
    };
    try {
      const active = await runStep({ op, vertex, environment, inputs, given, signal });
      const snapshot = active.share();
      return {
        live: snapshot && { kind: 'live', below: inputs[0], snapshot },
        async store(keep) {
          // What follows starts its process first.
          await new Promise(setImmediate);
          const changes = await active.changes(keep);
          const { content, diffID, size } = await environment.commit(changes, keep, { setsTimes: true });
          // What was read are its changes. What its command read is not seen.
          return { content, diffID, size };
        },
        settle: (outcome, known) => active.commit(outcome.diffID, layersOf(known[0])),
        [Symbol.asyncDispose]: giveBack,
      };
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  return {
    keys,
    begin,
    async run(inputs, signal) {
      await using ran = await begin(inputs, signal);
      const outcome = await ran.store(signal);
      await ran.settle(outcome, inputs);
      return outcome;
    },
    below: (inputs) => identityOf(inputs[0]),
    async load(record, inputs) {
      return withLayer(inputs[0], { diffID: record!.diffID, size: record!.size, blobs: [] }, record!.content);
    },
  };
}
