// Builds vertices with ids: equal work has one id, wherever it stands.
import { digestOfJson } from '../oci/digest.ts';
import type { Vertex } from './vertex.ts';

/** Parts that do not change what a vertex makes stay out of its id. */
export function makeVertex(parts: Omit<Vertex, 'id'>): Vertex {
  return {
    ...parts,
    id: digestOfJson([parts.op, parts.inputs.map((input) => input?.id ?? null), parts.ignoreCache]),
  };
}
