// --check: what the build checks say of a Dockerfile, read from its text alone.
import type { BuildRequest, CheckResult } from '../build-request.ts';
import type { CallOptions } from '../engine.ts';
import { checkDefinition } from './findings.ts';
import { loadDefinition } from './run-build.ts';

/** @throws as reading and parsing the Dockerfile does. */
export async function checkRequest(request: BuildRequest, call: CallOptions): Promise<CheckResult> {
  return checkDefinition({ request, definition: await loadDefinition(request, call), bases: undefined });
}
