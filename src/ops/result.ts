// What solving a vertex yields: a stack of layers with an identity, or a tree of files that no layer holds yet.
import { type Digest, digestOf } from '../oci/digest.ts';
import type { Layer, Tree } from '../seams.ts';

export type Result =
  | {
      kind: 'layers';
      /** Equal for results with equal content, whatever made them. */
      identity: string;
      /** Lowest first. */
      layers: Layer[];
    }
  | { kind: 'tree'; tree: Tree };

/** The identity of an empty root. */
export const scratchIdentity = 'scratch';

export function identityOf(result: Result | undefined): string {
  return result?.kind === 'layers' ? result.identity : scratchIdentity;
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
