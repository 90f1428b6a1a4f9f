// Before anything of a build with secrets is sent anywhere: its layers are searched, and its documents as they are stored.
import { verticesOf } from '../attest/build-steps.ts';
import type { OutputSpec } from '../build-request.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { DiffID } from '../oci/digest.ts';
import type { Result } from '../ops/result.ts';
import type { Solver } from '../solver/solve.ts';
import { layerOfStep } from './note-searched.ts';
import type { PlannedRequest } from './one-request.ts';
import { searchLayer } from './search-layers.ts';
import { searchedStore } from './searched-store.ts';
import { baseCount, isStored, type SolvedImage } from './solve-platform.ts';
import type { State } from './state.ts';

/**
 * Layers of base images are not searched. What a shared cache has, and no output needs the bytes of, is not fetched for this.
 * @returns the state as outputs are to use it
 * @throws ERR_SECRET with the step's line
 */
export async function searchOutputs(
  images: readonly SolvedImage[],
  {
    state,
    request,
    planned,
    call,
    solver,
  }: Pick<PlannedRequest, 'state' | 'request' | 'planned' | 'call'> & { solver: Solver<Result> },
): Promise<State> {
  if (!state.secrets) return state;
  const parts = { state, secrets: state.secrets.of(request), signal: call.signal };
  const fetches = request.outputs.some(needsBytes) || request.changes !== undefined;
  const goesOut = request.outputs.some(({ type }) => type !== 'cacheonly');
  for (const [index, image] of goesOut ? images.entries() : []) {
    const own = image.layers.slice(baseCount(image));
    const steps = new Map<DiffID, Vertex>();
    for (const vertex of verticesOf(own.length > 0 ? planned[index]!.plan.target.vertex : undefined)) {
      const made = solver.record(vertex)?.diffID;
      if (made !== undefined) steps.set(made, vertex);
    }
    for (const layer of own)
      if (fetches || (await isStored(state, layer.diffID)))
        await searchLayer(layer, { what: layerOfStep, vertex: steps.get(layer.diffID) }, parts);
  }
  return { ...state, store: searchedStore(state.store, parts.secrets) };
}

/** Whether an output reads the layers, rather than have a registry take over what it has. */
function needsBytes(output: OutputSpec): boolean {
  if (output.type === 'cacheonly') return false;
  if (output.type !== 'image' || output.push === undefined || output.store !== false || output.unpack)
    return true;
  const { compression = 'gzip', compressionLevel, forceCompression, rewriteTimestamp } = output.options ?? {};
  return (
    compression !== 'gzip' ||
    compressionLevel !== undefined ||
    forceCompression === true ||
    Boolean(rewriteTimestamp)
  );
}
