// What solving a vertex yields: a stack of layers with an identity, or a tree of files that no layer holds yet.
import { type Digest, digestOf } from '../oci/digest.ts';
import type { KeyTree, Layer, LiveSnapshot, Snapshotter, Tree } from '../seams.ts';
import type { CacheKey } from '../solver/solve.ts';
import { keyDigest } from '../tree/key-tree.ts';

export type Result =
  | {
      kind: 'layers';
      /** Equal for results with equal content, whatever made them. */
      identity: string;
      /** Lowest first. */
      layers: Layer[];
    }
  /** What a step has just written on top of `below`; it gets its identity when it is packed. Only ever a root. */
  | { kind: 'live'; below: Result | undefined; snapshot: LiveSnapshot }
  | { kind: 'tree'; tree: Tree }
  /** Files that are known by name before they are fetched; whoever reads them opens them, the same tree for all. */
  | { kind: 'remote'; identity: string; open(signal: AbortSignal): Promise<Tree> };

/** The identity of an empty root. */
export const scratchIdentity = 'scratch';

/** Stands for the identity that a root is to get, in keys of which only the partial one counts. */
const noIdentity = '';

export function identityOf(result: Result | undefined): string {
  if (result?.kind === 'live') return noIdentity;
  return result && result.kind !== 'tree' ? result.identity : scratchIdentity;
}

/** A step's key, and the same for any root. `partial`: the tree with digests in place of what is large in it. */
export function stepKey(tree: KeyTree, partial: KeyTree = tree): CacheKey {
  return { digest: keyDigest(tree), tree, partial: keyDigest({ ...partial, root: noIdentity }) };
}

/** The files of any result: fetched or unpacked where they are not there yet. */
export async function treeOf(
  result: Result | undefined,
  snapshotter: Snapshotter,
  signal: AbortSignal,
): Promise<Tree> {
  if (result?.kind === 'tree') return result.tree;
  if (result?.kind === 'remote') return result.open(signal);
  if (result?.kind === 'live') return result.snapshot.tree;
  return (await snapshotter.view(layersOf(result), signal)).tree;
}

/** The same for as long as the work takes. */
export async function lookAt<T>(
  result: Result | undefined,
  { snapshotter, signal }: { snapshotter: Snapshotter; signal: AbortSignal },
  work: (tree: Tree) => Promise<T>,
): Promise<T> {
  if ((result && result.kind !== 'layers') || !snapshotter.look)
    return work(await treeOf(result, snapshotter, signal));
  using looked = await snapshotter.look(layersOf(result), signal);
  return await work(looked.tree);
}

/** Those that have names: of a live result, the layers below what is new. */
export function layersOf(result: Result | undefined): Layer[] {
  if (result?.kind === 'live') return layersOf(result.below);
  return result?.kind === 'layers' ? result.layers : [];
}

/** A result with one more layer. */
export function withLayer(below: Result | undefined, layer: Layer, content: Digest): Result {
  return {
    kind: 'layers',
    identity: digestOf(`${identityOf(below)} ${content}`),
    layers: [...layersOf(below), layer],
  };
}
