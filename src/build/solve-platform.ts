// Solves the graph of one platform and puts the image together.

import type { Vertex } from '../graph/vertex.ts';
import type { ImageConfig } from '../oci/config.ts';
import type { DiffID, Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import { createCopyOp } from '../ops/copy-op.ts';
import type { OpEnvironment } from '../ops/environment.ts';
import { createExecOp } from '../ops/exec-op.ts';
import { createMkdirOp } from '../ops/mkdir-op.ts';
import { layersOf, type Result } from '../ops/result.ts';
import { createSourceOp } from '../ops/source-ops.ts';
import type { CacheRecord, Layer } from '../seams.ts';
import type { Op, Solver } from '../solver/solve.ts';
import { assembleConfig } from './assemble.ts';
import type { PlannedBuild } from './plan-build.ts';
import type { State } from './state.ts';

export interface SolvedImage {
  platform: Platform;
  config: ImageConfig;
  layers: Layer[];
  /** The base image's own config. */
  base: ImageConfig | undefined;
  /** The layers as the steps made them, where `layers` are others. */
  steps?: Layer[];
}

/** How many layers are the base image's. */
export const baseCount = ({ base }: SolvedImage): number => base?.rootfs.diff_ids.length ?? 0;

export function opOf(vertex: Vertex, environment: OpEnvironment): Op<Result> {
  switch (vertex.op.type) {
    case 'exec':
      return createExecOp(vertex.op, vertex, environment);
    case 'copy':
      return createCopyOp(vertex.op, environment);
    case 'mkdir':
      return createMkdirOp(vertex.op, environment);
    default:
      return createSourceOp(vertex.op, environment);
  }
}

/** A record's layer is there as a tar or as a compressed blob, or a shared cache has it. */
export async function isUsable(state: State, { diffID }: Pick<CacheRecord, 'diffID'>): Promise<boolean> {
  return (await isStored(state, diffID)) || state.shared.has(diffID);
}

export async function isStored(state: State, diffID: DiffID): Promise<boolean> {
  if (await state.store.info(diffID as string as Digest)) return true;
  const { blobs } = await state.layers.forms(diffID);
  for (const blob of blobs) if (await state.store.info(blob.digest)) return true;
  return false;
}

/** No layer of it is such that neither the store nor a shared cache nor the image that it is of yields it. */
export async function isComplete(state: State, result: Result): Promise<boolean> {
  for (const { diffID, blobs } of layersOf(result)) {
    await state.damages.search(diffID, state.store);
    if (!state.shared.isLost(diffID)) continue;
    const isThere = (await isStored(state, diffID)) || blobs.some(({ digest }) => state.canFetch(digest));
    if (!isThere) return false;
    state.shared.found(diffID);
  }
  return true;
}

export async function solvePlatform(
  planned: PlannedBuild,
  solver: Solver<Result>,
  signal: AbortSignal,
): Promise<SolvedImage> {
  const { target } = planned.plan;
  const result = target.vertex && (await solver.solveWhole(target.vertex, signal));
  const layers = layersOf(result);
  const config = assembleConfig({ state: target, layers, record: solver.record, epoch: planned.epoch });
  return { platform: target.platform, config, layers, base: target.base };
}
