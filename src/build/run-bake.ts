// Several targets as one build: one state, one graph, one solver, so that what they share is done once.
import { setMaxListeners } from 'node:events';
import type { BakeRequest, BakeResult, BakeTargetRequest } from '../bake-request.ts';
import type { BuildRequest } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError, withPlace } from '../errors.ts';
import { contextKey } from '../graph/sources.ts';
import type { StageState } from '../graph/stage-state.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { type BakeGraph, createBakeGraph } from './bake-graph.ts';
import { createBuildHistory, recordRequest } from './build-history.ts';
import { makeSolver, sweepAfter } from './make-solver.ts';
import { checkRequest, finishRequest, now, type PlannedRequest, planRequest } from './one-request.ts';
import { withRepeats } from './repeated-events.ts';
import { createImageResolver, type ImageResolver } from './resolve-image.ts';
import type { SecretGuard } from './secret-guard.ts';
import type { SharedCache } from './shared-cache.ts';
import { sharedCacheOf } from './shared-cache-of.ts';
import { openSourceLock, type SourceLock } from './source-lock.ts';
import { createSources } from './sources.ts';
import { openState, type State } from './state.ts';
import { targetEvents, targetPlace, withoutRepeatedWarnings } from './target-events.ts';
import { withoutSecrets } from './without-secrets.ts';

interface Bake {
  engine: EngineOptions;
  state: State;
  shared: SharedCache | undefined;
  call: CallOptions;
  graph: BakeGraph;
  images(request: BuildRequest): ImageResolver;
  /** One for each lock file. */
  lock(request: BuildRequest): SourceLock;
  /** Targets that are planned, by name. */
  planned: Map<string, PlannedTarget>;
  held: AsyncDisposableStack;
  started: number;
}

interface PlannedTarget extends PlannedRequest {
  target: BakeTargetRequest;
}

/** @throws ERR_UNKNOWN_TARGET for links to what is not in the request, and whatever a build throws, with the target's name */
export async function runBake(
  engine: EngineOptions,
  request: BakeRequest,
  call: CallOptions,
): Promise<BakeResult> {
  for (const target of request.targets) await named(target, async () => checkRequest(target.request));
  const requests = request.targets.map((target) => target.request);
  return withoutSecrets({ requests, login: engine.registry?.login }, call, async (masked, guard) => {
    const baked = await bakeAll({ engine, request, guard }, masked);
    if (!guard) return baked;
    const targets = baked.targets.map(({ name, result }) => ({
      name,
      result: { ...result, metadata: guard.mask(result.metadata) },
    }));
    return { ...baked, targets };
  });
}

async function bakeAll(
  { engine, request, guard }: { engine: EngineOptions; request: BakeRequest; guard: SecretGuard | undefined },
  call: CallOptions,
): Promise<BakeResult> {
  const { signal } = call;
  const hasCaches = request.targets.some((target) => target.request.cacheFrom);
  const history = createBuildHistory(guard?.mask);
  const onEvent = history.watch(
    withoutRepeatedWarnings(hasCaches ? withRepeats(call.onEvent) : call.onEvent),
  );
  setMaxListeners(0, signal);
  const order = inOrder(request.targets);
  await using state = openState(engine);
  state.secrets = guard;
  state.damages.listen((message) => onEvent({ type: 'warning', message, time: now() }));
  await using held = createHeld();
  const targets = request.targets.map((target) => target.request);
  const shared = await sharedCacheOf(targets, { engine, state, call: { signal, onEvent }, history });
  const resolvers = new Map<string, ImageResolver>();
  const locks = new Map<string, SourceLock>();
  const bake: Bake = {
    engine,
    state,
    shared,
    call: { signal, onEvent },
    graph: createBakeGraph(),
    images({ pull, offline, cwd }) {
      const key = `${pull} ${offline ?? false}`;
      const known = resolvers.get(key) ?? createImageResolver(state, { pull, offline, cwd, onEvent, now });
      resolvers.set(key, known);
      return known;
    },
    lock(one) {
      const key = JSON.stringify([one.lock ?? null, one.cwd]);
      const known = locks.get(key) ?? openSourceLock(one);
      locks.set(key, known);
      return known;
    },
    planned: new Map(),
    held,
    started: now(),
  };
  for (const target of order)
    bake.planned.set(target.name, await named(target, () => planTarget(target, bake)));

  const solver = makeSolver({
    engine,
    state,
    environment: (vertex) => bake.graph.owner(vertex).environment,
    request: (vertex) => bake.graph.owner(vertex).request,
    shared,
    onEvent,
    history,
  });
  const wanted = request.targets.map(({ name }) => bake.planned.get(name)!);
  const results = await settle(
    wanted.map((planned) =>
      named(planned.target, () =>
        recordRequest(
          planned,
          { history, started: bake.started, name: planned.target.name, onRecord: call.onRecord },
          () => finishRequest(planned, solver, bake.started),
        ),
      ),
    ),
  );
  for (const lock of locks.values()) await lock.save();
  await sweepAfter(solver, state, signal);
  const steps = { ...solver.statistics };
  return {
    steps,
    targets: results.map((result, index) => ({
      name: wanted[index]!.target.name,
      result: { ...result, steps },
    })),
  };
}

/** Linked targets before those that they are linked to. @throws ERR_UNKNOWN_TARGET, ERR_USAGE */
function inOrder(targets: readonly BakeTargetRequest[]): BakeTargetRequest[] {
  const order = new Set<BakeTargetRequest>();
  const visit = (target: BakeTargetRequest, path: readonly BakeTargetRequest[]): void => {
    if (path.includes(target))
      throw new SlipwayError('ERR_USAGE', `target ${target.name} is linked to itself`, {
        place: target.place,
      });
    for (const link of target.links) {
      const linked = targets.find(({ name }) => name === link.target);
      if (!linked)
        throw new SlipwayError(
          'ERR_UNKNOWN_TARGET',
          `target ${target.name}: there is no target ${link.target}`,
          { place: target.place },
        );
      visit(linked, [...path, target]);
    }
    order.add(target);
  };
  for (const target of targets) visit(target, []);
  return [...order];
}

async function planTarget(target: BakeTargetRequest, bake: Bake): Promise<PlannedTarget> {
  const { engine, state, shared, graph, held } = bake;
  const { request, name } = target;
  const { signal, onEvent } = bake.call;
  const lock = bake.lock(request);
  const parts = await planRequest(
    {
      engine,
      state,
      request,
      images: lock.images(bake.images(request)),
      sources: lock.sources(held.use(createSources(state, engine, request))),
      shared,
      call: { signal, onEvent: targetEvents(name, onEvent) },
    },
    onEvent,
    ({ contexts }) => {
      for (const link of target.links) {
        const linked = bake.planned.get(link.target)!;
        const stage = (platform: Platform): StageState => stateFor(linked, platform);
        contexts.set(contextKey(link.context), {
          name: link.context,
          target: { kind: 'target', state: stage },
        });
      }
    },
  );
  const owner = { name, request, definition: parts.definition, environment: parts.environment };
  const planned = parts.planned.map((one) => ({
    ...one,
    plan: { ...one.plan, target: graph.add(one.plan.target, owner) },
  }));
  return { ...parts, target, planned };
}

/** A target of one platform is the same for all that are linked to it. */
function stateFor({ planned, target }: PlannedTarget, platform: Platform): StageState {
  const wanted = formatPlatform(platform);
  const found =
    planned.length === 1
      ? planned[0]
      : planned.find(({ plan }) => formatPlatform(plan.target.platform) === wanted);
  if (found) return found.plan.target;
  throw new SlipwayError('ERR_PLATFORM', `target ${target.name} is not built for ${wanted}`, {
    hint: `add ${wanted} to its platforms`,
  });
}

/** Waits for all, so that nothing is at work when one has failed. The failure that is not a consequence of another is thrown. */
async function settle<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failures.length > 0) throw failures.find((one) => one instanceof SlipwayError) ?? failures[0];
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** Adds the target's name and place to what goes wrong in it. */
async function named<T>(target: BakeTargetRequest, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code === 'ERR_ABORTED') throw error;
    error.message = `target ${target.name}: ${error.message}`;
    error.place = targetPlace(target.name, error.place);
    throw target.place ? withPlace(error, target.place) : error;
  }
}

/** Node 20 has no AsyncDisposableStack. */
function createHeld(): AsyncDisposableStack {
  const all: AsyncDisposable[] = [];
  return {
    use(one) {
      all.push(one);
      return one;
    },
    async [Symbol.asyncDispose]() {
      for (const one of all.reverse()) await one[Symbol.asyncDispose]();
    },
  };
}

interface AsyncDisposableStack extends AsyncDisposable {
  use<T extends AsyncDisposable>(one: T): T;
}
