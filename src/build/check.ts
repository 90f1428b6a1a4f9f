// --check: what the build checks say of a Dockerfile, read from its text alone.
import type { BuildRequest, CheckResult } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { checkDefinition, reportUnknownRules } from './findings.ts';
import { loadDefinition, now } from './one-request.ts';
import { createSources } from './sources.ts';
import { openState } from './state.ts';

/** @throws as reading and parsing the Dockerfile does. */
export async function checkRequest(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<CheckResult> {
  await using state = openState(engine);
  await using sources = createSources(state, engine, request);
  const definition = await loadDefinition(request, sources, call);
  reportUnknownRules({ request, definition }, call.onEvent, now);
  return checkDefinition({ request, definition, bases: undefined });
}
