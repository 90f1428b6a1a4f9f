// A solver over the state folder, and what is cleared away once it is done.
import { setMaxListeners } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { deadLeases } from '../fs/lease.ts';
import { abandonedIn, namesIn, uniqueName } from '../fs/unique-name.ts';
import type { Vertex } from '../graph/vertex.ts';
import type { DiffID } from '../oci/digest.ts';
import type { OpEnvironment } from '../ops/environment.ts';
import type { Result } from '../ops/result.ts';
import type { CacheIndex } from '../seams.ts';
import { createSlots, type Slots } from '../solver/slots.ts';
import { createSolver, type Solver } from '../solver/solve.ts';
import { traced } from '../trace.ts';
import type { BuildHistory } from './build-history.ts';
import { commitLayer, commitOptions, rememberedFor } from './commit-layer.ts';
import { layerOfStep, noteSearched } from './note-searched.ts';
import { now } from './one-request.ts';
import type { SharedCache } from './shared-cache.ts';
import { isComplete, isUsable, opOf } from './solve-platform.ts';
import type { State } from './state.ts';
import { tracedOp, tracedSlots } from './traced-parts.ts';

/** As many layers and steps listen as there are: Node's warning about leaks does not apply. */
function eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal {
  const either = AbortSignal.any([one, other]);
  setMaxListeners(0, either);
  return either;
}

export interface SolverParts {
  engine: EngineOptions;
  state: State;
  environment(vertex: Vertex): OpEnvironment;
  /** Of the one whose step it is. */
  request(vertex: Vertex): BuildRequest;
  shared?: SharedCache | undefined;
  onEvent: CallOptions['onEvent'];
  history: Pick<BuildHistory, 'step' | 'expired'>;
}

export function makeSolver({
  engine,
  state,
  environment,
  request,
  shared,
  onEvent,
  history,
}: SolverParts): Solver<Result> {
  return createSolver<Result>({
    op: (vertex) => tracedOp(opOf(vertex, committing(vertex, { environment, request, state })), vertex),
    cache: maskedRecords(shared?.index ?? state.cache, state),
    maxAge: (vertex) => request(vertex).cacheTTL,
    usable: (record) => isUsable(state, record),
    known({ source, diffID }) {
      if (source === undefined) return false;
      // Whoever comes to need it is to find out before it looks.
      state.shared.lose(diffID);
      return true;
    },
    complete: (result) => isComplete(state, result),
    ...(shared ? { onRecord: shared.note } : {}),
    losses: state.shared.losses,
    onStep(report) {
      const { vertex, record, how, keys } = report;
      if (record) state.damages.name(record.diffID, vertex.name);
      if (how === 'ran') state.damages.ran(vertex.name, keys);
      history.step(report);
    },
    onExpired: history.expired,
    slots: gatedSlots(tracedSlots(createSlots(engine.parallelism), 'to run'), state),
    now,
    onEvent,
    eitherSignal,
  });
}

/** A step takes a slot first of all. */
const gatedSlots = (slots: Slots, { gate }: State): Slots => ({
  async take(signal) {
    gate.pass();
    return slots.take(signal);
  },
});

/** Names of files that a mount shows are in what a record is explained by. */
function maskedRecords(cache: CacheIndex, { secrets }: State): CacheIndex {
  if (!secrets) return cache;
  return { ...cache, record: (key, record, options) => cache.record(key, secrets.mask(record), options) };
}

/** What the vertex makes is compressed while it is packed, where it is known to be wanted so, and searched for secrets. */
function committing(
  vertex: Vertex,
  { environment, request, state }: Pick<SolverParts, 'environment' | 'request' | 'state'>,
): OpEnvironment {
  const own = environment(vertex);
  const { secrets: guard, store } = state;
  return {
    ...own,
    async commit(entries, signal, options) {
      const early = state.early.begin(vertex);
      const secrets = guard?.of(request(vertex)).layer(layerOfStep, vertex);
      if (!early && !secrets) return own.commit(entries, signal, options);
      const searched = secrets && ((diffID: DiffID) => noteSearched(diffID, secrets.found(), state));
      return commitLayer(entries, {
        store,
        early,
        secrets,
        searched,
        packed: rememberedFor(options, state),
        signal,
        ...commitOptions(own, options),
      });
    },
  };
}

/** A build that only hit leaves nothing to clear, but may find what one has left that was killed. */
export async function sweepAfter(solver: Solver<Result>, state: State, signal: AbortSignal): Promise<void> {
  if (solver.statistics.ran === 0 && !hasLeftovers(state.root)) return;
  await traced('end', 'sweep', async () => {
    const { sweepState } = await import('./sweep-state.ts');
    await sweepState(state, signal);
  });
}

/**
 * What the dead have left, and what an interrupted build has thrown away. Who was killed has left a lease, which goes last: where
 * there is none but this process's, nothing else is looked at.
 */
export function hasLeftovers(root: string): boolean {
  const own = uniqueName('lease').slice(0, -12);
  const isAlone = namesIn(join(root, 'leases-v1')).every((name) => name.startsWith(own));
  if (!isAlone && (deadLeases(root).length > 0 || abandonedIn(join(root, 'tmp')).length > 0)) return true;
  const snapshots = join(root, 'snapshots-v2');
  return namesIn(snapshots).some((name) => holdsFolders(join(snapshots, name, 'trash')));
}

/** Most file systems count the folders in one. */
function holdsFolders(folder: string): boolean {
  const links = statSync(folder, { throwIfNoEntry: false })?.nlink ?? 2;
  return links < 2 ? namesIn(folder).length > 0 : links > 2;
}
