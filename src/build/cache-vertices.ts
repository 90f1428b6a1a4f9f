// Which steps of a plan a shared cache is to know, and the layers of which it is to have.
import type { Vertex } from '../graph/vertex.ts';
import type { Digest } from '../oci/digest.ts';

export interface CacheVertices {
  /** All that the build needs. */
  all: Set<Digest>;
  /** Those whose layers the result has. */
  own: Set<Digest>;
}

export function cacheVertices(targets: readonly (Vertex | undefined)[]): CacheVertices {
  const all = new Set<Digest>();
  const own = new Set<Digest>();
  const visit = (vertex: Vertex): void => {
    if (all.has(vertex.id)) return;
    all.add(vertex.id);
    for (const input of vertex.inputs) if (input) visit(input);
  };
  for (const target of targets) {
    if (target) visit(target);
    // The first input of a step is what its layer lies on.
    for (let at = target; at && ['exec', 'copy', 'mkdir'].includes(at.op.type); at = at.inputs[0])
      own.add(at.id);
  }
  return { all, own };
}
