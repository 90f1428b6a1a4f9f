// One build from request to result: definition, plan, solve, export.
import { setMaxListeners } from 'node:events';
import type { BuildRequest, BuildResult } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { ExportedImage } from '../export/image.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { Result } from '../ops/result.ts';
import { createSlots } from '../solver/slots.ts';
import { createSolver } from '../solver/solve.ts';
import { type BuildDefinition, checkSecrets, dockerfileName, readDefinition } from './definition.ts';
import { type ExportParts, exportOutput, storeImage } from './export-image.ts';
import { reportFindings } from './findings.ts';
import { createOpEnvironment } from './op-environment.ts';
import { planBuild, thisPlatform } from './plan-build.ts';
import { createImageResolver } from './resolve-image.ts';
import { isUsable, opOf, type SolvedImage, solvePlatform } from './solve-platform.ts';
import { openState } from './state.ts';

const now = (): number => Date.now();

/** As many layers and steps listen as there are: Node's warning about leaks does not apply. */
function eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal {
  const either = AbortSignal.any([one, other]);
  setMaxListeners(0, either);
  return either;
}

/** Reads the Dockerfile, as a vertex of the progress. */
export async function loadDefinition(request: BuildRequest, call: CallOptions): Promise<BuildDefinition> {
  const id = 'definition';
  const name = `[internal] load build definition from ${dockerfileName(request.dockerfile ?? 'Dockerfile')}`;
  call.onEvent({ type: 'started', vertex: { id, name }, time: now() });
  try {
    const definition = await readDefinition(request);
    call.onEvent({ type: 'done', id, time: now() });
    return definition;
  } catch (error) {
    call.onEvent({ type: 'done', id, error: (error as Error).message, time: now() });
    throw error;
  }
}

/** What can be known to fail before the first step runs. */
function checkRequest(request: BuildRequest): void {
  for (const tag of request.tags) parseReference(tag);
  checkSecrets(request);
  for (const output of request.outputs) {
    if (output.type === 'tar' && request.platforms.length > 1) {
      throw new SlipwayError('ERR_UNSUPPORTED', 'type=tar holds one platform', {
        hint: 'use type=local, type=oci, or one --platform',
      });
    }
  }
}

export async function runBuild(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<BuildResult> {
  const { signal, onEvent } = call;
  setMaxListeners(0, signal);
  checkRequest(request);
  const definition = await loadDefinition(request, call);
  await using state = openState(engine);
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
  const exportParts: ExportParts = { state, request, epoch: planned[0]!.epoch, onEvent, now };
  let image: ExportedImage | undefined;
  for (const output of request.outputs)
    image = (await exportOutput(output, solved, exportParts, signal)) ?? image;
  image ??= await storeImage(solved, exportParts, signal);
  if (solver.statistics.ran > 0) {
    const { sweepState } = await import('./sweep-state.ts');
    await sweepState(state, signal);
  }
  return describe(image, request, solver.statistics);
}

function describe(
  image: ExportedImage,
  request: BuildRequest,
  statistics: BuildResult['steps'],
): BuildResult {
  const names = request.tags.map((tag) => formatReference(parseReference(tag)));
  const single =
    image.manifests.length === 1 && image.manifests[0]!.descriptor.digest === image.descriptor.digest;
  const imageID = single ? image.manifests[0]!.config.digest : image.descriptor.digest;
  return {
    imageID,
    descriptor: image.descriptor,
    names,
    steps: { ...statistics },
    metadata: {
      ...(single ? { 'containerimage.config.digest': imageID } : {}),
      'containerimage.descriptor': image.descriptor,
      'containerimage.digest': image.descriptor.digest,
      ...(names.length > 0 ? { 'image.name': names.join(',') } : {}),
    },
  };
}
