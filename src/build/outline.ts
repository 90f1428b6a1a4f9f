// --call=outline and --call=targets: what a Dockerfile offers, read from its text alone.
import type { BuildRequest, Outline, TargetList } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { outline, targets } from '../graph/outline.ts';
import { loadDefinition } from './one-request.ts';
import { buildArguments, thisPlatform } from './plan-build.ts';
import { createSources } from './sources.ts';
import { openState } from './state.ts';

async function describeRequest(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<Parameters<typeof outline>[0]> {
  await using state = openState(engine);
  await using sources = createSources(state, engine, request);
  const { dockerfile, contexts } = await loadDefinition(request, sources, call);
  const buildPlatform = thisPlatform();
  return {
    dockerfile,
    contexts,
    target: request.target,
    buildArgs: buildArguments(request),
    buildPlatform,
    targetPlatform: request.platforms[0] ?? buildPlatform,
  };
}

export async function readOutline(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<Outline> {
  return outline(await describeRequest(engine, request, call));
}

export async function readTargets(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<TargetList> {
  return targets(await describeRequest(engine, request, call));
}
