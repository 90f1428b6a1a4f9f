// --call=outline and --call=targets: what a Dockerfile offers, read from its text alone.
import type { BuildRequest, Outline, TargetList } from '../build-request.ts';
import type { CallOptions } from '../engine.ts';
import { outline, targets } from '../graph/outline.ts';
import { buildArguments, thisPlatform } from './plan-build.ts';
import { loadDefinition } from './run-build.ts';

async function describeRequest(
  request: BuildRequest,
  call: CallOptions,
): Promise<Parameters<typeof outline>[0]> {
  const { dockerfile, contexts } = await loadDefinition(request, call);
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

export async function readOutline(request: BuildRequest, call: CallOptions): Promise<Outline> {
  return outline(await describeRequest(request, call));
}

export async function readTargets(request: BuildRequest, call: CallOptions): Promise<TargetList> {
  return targets(await describeRequest(request, call));
}
