// What solving a vertex yields: a stack of layers with an identity, or a tree of files that no layer holds yet.
import { type Digest, digestOf } from '../oci/digest.ts';
import type { Layer, Snapshotter, Tree } from '../seams.ts';

export type Result =
  | {
      kind: 'layers';
      /** Equal for results with equal content, whatever made them. */
      identity: string;
      /** Lowest first. */
      layers: Layer[];
    }
  | { kind: 'tree'; tree: Tree }
  /** Files that are known by name before they are fetched; whoever reads them opens them, the same tree for all. */
  | { kind: 'remote'; identity: string; open(signal: AbortSignal): Promise<Tree> };

/** The identity of an empty root. */
export const scratchIdentity = 'scratch';

export function identityOf(result: Result | undefined): string {
  return result && result.kind !== 'tree' ? result.identity : scratchIdentity;
}

/** The files of any result: fetched or unpacked where they are not there yet. */
export async function treeOf(
  result: Result | undefined,
  snapshotter: Snapshotter,
  signal: AbortSignal,
): Promise<Tree> {
  if (result?.kind === 'tree') return result.tree;
  if (result?.kind === 'remote') return result.open(signal);
  return (await snapshotter.view(layersOf(result), signal)).tree;
}

export function layersOf(result: Result | undefined): Layer[] {
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
