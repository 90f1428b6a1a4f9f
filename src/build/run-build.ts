// One build from request to result: definition, plan, solve, export.
import { setMaxListeners } from 'node:events';
import type { BuildRequest, BuildResult } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { parseReference } from '../oci/reference.ts';
import type { Result } from '../ops/result.ts';
import { createSlots } from '../solver/slots.ts';
import { createSolver } from '../solver/solve.ts';
import { checkOutputs } from './check-outputs.ts';
import { type BuildDefinition, dockerfileName, readDefinition } from './definition.ts';
import { describeResult, type Exported } from './describe-result.ts';
import { type ExportParts, exportOutput } from './export-image.ts';
import { reportFindings } from './findings.ts';
import { createOpEnvironment } from './op-environment.ts';
import { planBuild, thisPlatform } from './plan-build.ts';
import { recordSources } from './record-sources.ts';
import { createImageResolver } from './resolve-image.ts';
import { checkSecrets } from './secrets.ts';
import { isUsable, opOf, type SolvedImage, solvePlatform } from './solve-platform.ts';
import { createSources, type Sources } from './sources.ts';
import { openState } from './state.ts';

const now = (): number => Date.now();

/** As many layers and steps listen as there are: Node's warning about leaks does not apply. */
export function eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal {
  const either = AbortSignal.any([one, other]);
  setMaxListeners(0, either);
  return either;
}

/** Reads the Dockerfile, as a vertex of the progress. */
export async function loadDefinition(
  request: BuildRequest,
  sources: Sources,
  call: CallOptions,
): Promise<BuildDefinition> {
  const id = 'definition';
  const name = `[internal] load build definition from ${dockerfileName(request.dockerfile ?? 'Dockerfile')}`;
  call.onEvent({ type: 'started', vertex: { id, name }, time: now() });
  try {
    const definition = await readDefinition(request, sources, call.signal);
    call.onEvent({ type: 'done', id, time: now() });
    return definition;
  } catch (error) {
    call.onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}

/** What can be known to fail before the first step runs. */
export function checkRequest(request: BuildRequest): void {
  for (const tag of request.tags) parseReference(tag);
  checkSecrets(request);
  checkOutputs(request);
}

export async function runBuild(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<BuildResult> {
  const { signal, onEvent } = call;
  const started = now();
  setMaxListeners(0, signal);
  checkRequest(request);
  await using state = openState(engine);
  await using held = createSources(state, engine, request);
  const recorded = recordSources(held);
  const { sources } = recorded;
  const definition = await loadDefinition(request, sources, call);
  const images = createImageResolver(state, engine, { pull: request.pull, cwd: request.cwd, onEvent, now });
  const buildPlatform = thisPlatform();
  const platforms = request.platforms.length > 0 ? request.platforms : [buildPlatform];
  const parts = { request, definition, images, buildPlatform };
  const planned = await Promise.all(platforms.map((platform) => planBuild(parts, platform, signal)));
  for (const { plan } of planned.slice(0, 1))
    for (const warning of plan.warnings) onEvent({ type: 'warning', ...warning, time: now() });
  reportFindings({ request, definition, bases: planned[0]!.bases }, onEvent, now);

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
  const solver = createSolver<Result>({
    op: (vertex) => opOf(vertex, environment),
    cache: state.cache,
    usable: (record) => isUsable(state, record),
    slots: createSlots(engine.parallelism),
    now,
    onEvent,
    eitherSignal,
  });
  const solved: SolvedImage[] = await Promise.all(planned.map((one) => solvePlatform(one, solver, signal)));
  await definition.save();
  const attestorParts = { plan: parts, planned, solved, solver, recorded, state, onEvent, now, started };
  const attestor = request.attestations
    ? (await import('./attest.ts')).createAttestor(attestorParts)
    : undefined;
  const exportParts: ExportParts = { state, request, epoch: planned[0]!.epoch, attestor, onEvent, now };
  const exported: Exported[] = [];
  for (const output of request.outputs)
    exported.push({ output, image: await exportOutput(output, solved, exportParts, signal) });
  if (solver.statistics.ran > 0) {
    const { sweepState } = await import('./sweep-state.ts');
    await sweepState(state, signal);
  }
  return describeResult({ exported, solved, request, statistics: solver.statistics });
}
