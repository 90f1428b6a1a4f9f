// One request of a build, or of a bake of several: what comes before its graph is solved, and what comes after.
import type { BuildRequest, BuildResult } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { parseReference } from '../oci/reference.ts';
import type { OpEnvironment } from '../ops/environment.ts';
import type { Result } from '../ops/result.ts';
import type { Solver } from '../solver/solve.ts';
import { traced } from '../trace.ts';
import { checkOutputs } from './check-outputs.ts';
import { type BuildDefinition, dockerfileName, readDefinition } from './definition.ts';
import { describeResult, type Exported } from './describe-result.ts';
import { type ExportParts, exportOutput } from './export-image.ts';
import { reportFindings } from './findings.ts';
import { createOpEnvironment } from './op-environment.ts';
import { type PlannedBuild, planBuild, thisPlatform } from './plan-build.ts';
import { recordSources } from './record-sources.ts';
import type { ImageResolver } from './resolve-image.ts';
import { checkSecrets } from './secrets.ts';
import type { RequestCaching, SharedCache } from './shared-cache.ts';
import { type SolvedImage, solvePlatform } from './solve-platform.ts';
import type { Sources } from './sources.ts';
import type { State } from './state.ts';
import { withPushPermission } from './with-push-permission.ts';

export const now = (): number => Date.now();

export interface RequestParts {
  engine: EngineOptions;
  state: State;
  request: BuildRequest;
  images: ImageResolver;
  /** Released by the caller. */
  sources: Sources;
  /** Undefined where none is used. */
  shared?: SharedCache | undefined;
  call: CallOptions;
}

export interface PlannedRequest extends RequestParts {
  definition: BuildDefinition;
  /** By platform. */
  planned: PlannedBuild[];
  recorded: ReturnType<typeof recordSources>;
  environment: OpEnvironment;
}

/** What can be known to fail before anything is read. @throws ERR_BAD_REFERENCE, ERR_USAGE, and as its parts */
export function checkRequest(request: BuildRequest): void {
  for (const tag of request.tags) {
    if (parseReference(tag).digest === undefined) continue;
    throw new SlipwayError('ERR_USAGE', `${tag} has a digest: that is not known before the build`, {
      hint: 'give a name and a tag: -t app:1.0',
    });
  }
  if (request.offline && request.pull) {
    throw new SlipwayError('ERR_USAGE', '--pull asks registries, and --offline forbids it', {
      hint: 'leave out one of them',
    });
  }
  checkSecrets(request);
  checkOutputs(request);
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
    const read = () => readDefinition(request, sources, call.signal);
    const definition = await traced('definition', 'read definition', read);
    call.onEvent({ type: 'done', id, time: now() });
    return definition;
  } catch (error) {
    call.onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}

/**
 * @param prepare what is still to be said of the definition before it is planned.
 * @param onEvent gets what the steps tell.
 */
export function planRequest(
  parts: RequestParts,
  onEvent: CallOptions['onEvent'],
  prepare: (definition: BuildDefinition) => void = () => {},
): Promise<PlannedRequest> {
  return withPushPermission(parts, () => planPermitted(parts, onEvent, prepare));
}

async function planPermitted(
  parts: RequestParts,
  onEvent: CallOptions['onEvent'],
  prepare: (definition: BuildDefinition) => void,
): Promise<PlannedRequest> {
  const { engine, state, request, images, call } = parts;
  const recorded = recordSources(parts.sources);
  const { sources } = recorded;
  const definition = await loadDefinition(request, sources, call);
  prepare(definition);
  const buildPlatform = thisPlatform();
  const platforms = request.platforms.length > 0 ? request.platforms : [buildPlatform];
  const plan = { request, definition, images, buildPlatform };
  const planned = await traced('plan', 'plan', () =>
    Promise.all(platforms.map((platform) => planBuild(plan, platform, call.signal))),
  );
  if (state.secrets) {
    const { searchPlan } = await import('./search-plan.ts');
    for (const { plan } of planned) searchPlan(plan.target, state.secrets.of(request));
  }
  for (const warning of planned[0]!.plan.warnings) call.onEvent({ type: 'warning', ...warning, time: now() });
  reportFindings({ request, definition, bases: planned[0]!.bases }, call.onEvent, now);
  const common = { state, definition, sources, images, request, options: engine, onEvent, now };
  return { ...parts, definition, planned, recorded, environment: await createOpEnvironment(common) };
}

/** Solves the graph of each platform, and sends what was made where the request says; then caches what is to be cached. */
export async function finishRequest(
  parts: PlannedRequest,
  solver: Solver<Result>,
  started: number,
): Promise<BuildResult> {
  const { state, request, planned, call } = parts;
  state.early.expect(
    planned.map(({ plan }) => plan.target.vertex),
    request,
  );
  const caching = await parts.shared?.begin(request, planned);
  try {
    for (;;) {
      const built = await traced('solve', 'solve', () =>
        Promise.all(planned.map((one) => solvePlatform(one, solver, call.signal))),
      );
      state.gate.open();
      call.onAllCached?.();
      const losses = state.shared.losses();
      try {
        const exporting = { built, caching, solver, started };
        const result = await traced('export', 'assemble and export', () => exportAll(parts, exporting));
        await caching?.finish();
        return result;
      } catch (error) {
        // A layer that a cache said it has was not to be had: its step is run after all.
        const isWritten = request.outputs.some((output) => 'dest' in output && output.dest === '-');
        if (call.signal.aborted || isWritten || state.shared.losses() === losses) throw error;
      }
    }
  } catch (error) {
    await caching?.cancel();
    // What was hashed is not to be hashed again by the build that comes now.
    if (!state.gate.isOpen()) await parts.definition.save();
    throw error;
  }
}

interface Built {
  built: SolvedImage[];
  caching: RequestCaching | undefined;
  solver: Solver<Result>;
  started: number;
}

async function exportAll(
  parts: PlannedRequest,
  { built, caching, solver, started }: Built,
): Promise<BuildResult> {
  const { request, definition, planned, images, recorded, call } = parts;
  const { signal, onEvent } = call;
  const state = parts.state.secrets
    ? await (await import('./search-outputs.ts')).searchOutputs(built, { ...parts, solver })
    : parts.state;
  const { changes } = request;
  const changed = changes
    ? await (await import('./change-image.ts')).changeImages(built, changes, { state, signal, onEvent, now })
    : built;
  const solved = (await caching?.withInline(changed)) ?? changed;
  await definition.save();
  const plan = { request, definition, images, buildPlatform: thisPlatform() };
  const attestorParts = { plan, planned, solved, solver, recorded, state, onEvent, now, started };
  const attestor = request.attestations
    ? (await import('./attest.ts')).createAttestor(attestorParts)
    : undefined;
  const exportParts: ExportParts = { state, request, epoch: planned[0]!.epoch, attestor, onEvent, now };
  const exported: Exported[] = [];
  for (const output of request.outputs) {
    const write = () => exportOutput(output, solved, exportParts, signal);
    exported.push({ output, image: await traced('export', `export ${output.type}`, write) });
  }
  const result = describeResult({ exported, solved, request, statistics: solver.statistics });
  const own = request.attestations?.provenance;
  const mode = request.metadataProvenance ?? own?.mode ?? 'none';
  if (mode === 'none') return result;
  const { provenanceMetadata } = await import('./provenance-metadata.ts');
  const teller =
    attestor && own?.mode === mode
      ? attestor
      : (await import('./attest.ts')).createAttestor({
          ...attestorParts,
          plan: {
            ...plan,
            request: { ...request, attestations: { provenance: { version: 'v1', ...own, mode } } },
          },
        });
  const said = await provenanceMetadata(teller, solved, { epoch: planned[0]!.epoch, signal });
  return { ...result, metadata: { ...result.metadata, ...said } };
}
