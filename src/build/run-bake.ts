// Several targets as one build: one state, one graph, one solver, so that what they share is done once.
import { setMaxListeners } from 'node:events';
import type { BakeRequest, BakeResult, BakeTargetRequest } from '../bake-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError, withPlace } from '../errors.ts';
import { contextKey } from '../graph/sources.ts';
import type { StageState } from '../graph/stage-state.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import type { Result } from '../ops/result.ts';
import { createSlots } from '../solver/slots.ts';
import { createSolver, type Solver } from '../solver/solve.ts';
import { type BakeGraph, createBakeGraph } from './bake-graph.ts';
import type { BuildDefinition } from './definition.ts';
import { describeResult, type Exported } from './describe-result.ts';
import { exportOutput } from './export-image.ts';
import { reportFindings } from './findings.ts';
import { createOpEnvironment } from './op-environment.ts';
import { type PlannedBuild, planBuild, thisPlatform } from './plan-build.ts';
import { recordSources } from './record-sources.ts';
import { createImageResolver, type ImageResolver } from './resolve-image.ts';
import { checkRequest, eitherSignal, loadDefinition } from './run-build.ts';
import { isUsable, opOf, solvePlatform } from './solve-platform.ts';
import { createSources } from './sources.ts';
import { openState, type State } from './state.ts';
import { targetEvents, targetPlace, withoutRepeatedWarnings } from './target-events.ts';

const now = (): number => Date.now();

interface Bake {
  engine: EngineOptions;
  state: State;
  call: CallOptions;
  graph: BakeGraph;
  /** By whether references are asked for anew. */
  images(pull: boolean, cwd: string): ImageResolver;
  /** Targets that are planned, by name. */
  planned: Map<string, PlannedTarget>;
  held: AsyncDisposableStack;
  started: number;
}

interface PlannedTarget {
  target: BakeTargetRequest;
  definition: BuildDefinition;
  platforms: PlannedBuild[];
  images: ImageResolver;
  recorded: ReturnType<typeof recordSources>;
  call: CallOptions;
}

/** @throws ERR_UNKNOWN_TARGET for links to what is not in the request, and whatever a build throws, with the target's name */
export async function runBake(
  engine: EngineOptions,
  request: BakeRequest,
  call: CallOptions,
): Promise<BakeResult> {
  const { signal } = call;
  const onEvent = withoutRepeatedWarnings(call.onEvent);
  setMaxListeners(0, signal);
  for (const target of request.targets) await named(target, async () => checkRequest(target.request));
  const order = inOrder(request.targets);
  await using state = openState(engine);
  await using held = createHeld();
  const resolvers = new Map<boolean, ImageResolver>();
  const bake: Bake = {
    engine,
    state,
    call: { signal, onEvent },
    graph: createBakeGraph(),
    images(pull, cwd) {
      const known = resolvers.get(pull) ?? createImageResolver(state, engine, { pull, cwd, onEvent, now });
      resolvers.set(pull, known);
      return known;
    },
    planned: new Map(),
    held,
    started: now(),
  };
  for (const target of order)
    bake.planned.set(target.name, await named(target, () => planTarget(target, bake)));

  const solver = createSolver<Result>({
    op: (vertex) => opOf(vertex, bake.graph.environment(vertex)),
    cache: state.cache,
    usable: (record) => isUsable(state, record),
    slots: createSlots(engine.parallelism),
    now,
    onEvent,
    eitherSignal,
  });
  const wanted = request.targets.map(({ name }) => bake.planned.get(name)!);
  const results = await settle(
    wanted.map((planned) => named(planned.target, () => finishTarget(planned, bake, solver))),
  );
  if (solver.statistics.ran > 0) {
    const { sweepState } = await import('./sweep-state.ts');
    await sweepState(state, signal);
  }
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
  const { engine, state, graph } = bake;
  const { request } = target;
  const call: CallOptions = {
    signal: bake.call.signal,
    onEvent: targetEvents(target.name, bake.call.onEvent),
  };
  const recorded = recordSources(bake.held.use(createSources(state, engine, request)));
  const { sources } = recorded;
  const definition = await loadDefinition(request, sources, call);
  for (const link of target.links) {
    const planned = bake.planned.get(link.target)!;
    definition.contexts.set(contextKey(link.context), {
      name: link.context,
      target: { kind: 'target', state: (platform) => stateFor(planned, platform) },
    });
  }
  const images = bake.images(request.pull, request.cwd);
  const buildPlatform = thisPlatform();
  const platforms = request.platforms.length > 0 ? request.platforms : [buildPlatform];
  const parts = { request, definition, images, buildPlatform };
  const planned = await Promise.all(platforms.map((platform) => planBuild(parts, platform, call.signal)));
  for (const warning of planned[0]!.plan.warnings) call.onEvent({ type: 'warning', ...warning, time: now() });
  reportFindings({ request, definition, bases: planned[0]!.bases }, call.onEvent, now);
  const { onEvent } = bake.call;
  const environment = await createOpEnvironment({
    state,
    definition,
    sources,
    images,
    request,
    options: engine,
    onEvent,
    now,
  });
  const owner = { name: target.name, request, definition, environment };
  const shared = planned.map((one) => ({
    ...one,
    plan: { ...one.plan, target: graph.add(one.plan.target, owner) },
  }));
  return { target, definition, platforms: shared, images, recorded, call };
}

/** A target of one platform is the same for all that are linked to it. */
function stateFor({ platforms, target }: PlannedTarget, platform: Platform): StageState {
  const wanted = formatPlatform(platform);
  const found =
    platforms.length === 1
      ? platforms[0]
      : platforms.find(({ plan }) => formatPlatform(plan.target.platform) === wanted);
  if (found) return found.plan.target;
  throw new SlipwayError('ERR_PLATFORM', `target ${target.name} is not built for ${wanted}`, {
    hint: `add ${wanted} to its platforms`,
  });
}

async function finishTarget(planned: PlannedTarget, bake: Bake, solver: Solver<Result>) {
  const { target, definition, platforms, images, recorded, call } = planned;
  const { request } = target;
  const { state, started } = bake;
  const { signal, onEvent } = call;
  const solved = await Promise.all(platforms.map((one) => solvePlatform(one, solver, signal)));
  await definition.save();
  const plan = { request, definition, images, buildPlatform: thisPlatform() };
  const attestor = request.attestations
    ? (await import('./attest.ts')).createAttestor({
        plan,
        planned: platforms,
        solved,
        solver,
        recorded,
        state,
        onEvent,
        now,
        started,
      })
    : undefined;
  const parts = { state, request, epoch: platforms[0]!.epoch, attestor, onEvent, now };
  const exported: Exported[] = [];
  for (const output of request.outputs)
    exported.push({ output, image: await exportOutput(output, solved, parts, signal) });
  return describeResult({ exported, solved, request, statistics: solver.statistics });
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
