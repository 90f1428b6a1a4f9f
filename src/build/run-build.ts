// One build from request to result: plan, solve, export.
import { setMaxListeners } from 'node:events';
import type { BuildRequest, BuildResult } from '../build-request.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { createBuildHistory, recordRequest } from './build-history.ts';
import { createCacheGate } from './cache-gate.ts';
import { hasLeftovers, makeSolver, sweepAfter } from './make-solver.ts';
import { checkRequest, finishRequest, now, planRequest } from './one-request.ts';
import { withPlatforms } from './platform-events.ts';
import { withRepeats } from './repeated-events.ts';
import { openRequestSources } from './request-sources.ts';
import type { SecretGuard } from './secret-guard.ts';
import { sharedCacheOf } from './shared-cache-of.ts';
import { openState } from './state.ts';
import { withoutSecrets } from './without-secrets.ts';

export async function runBuild(
  engine: EngineOptions,
  request: BuildRequest,
  call: CallOptions,
): Promise<BuildResult> {
  checkRequest(request);
  return withoutSecrets(
    { requests: [request], login: engine.registry?.login },
    call,
    async (masked, guard) => {
      const result = await build({ engine, request, guard }, masked);
      return guard ? { ...result, metadata: guard.mask(result.metadata) } : result;
    },
  );
}

async function build(
  {
    engine,
    request,
    guard,
  }: { engine: EngineOptions; request: BuildRequest; guard: SecretGuard | undefined },
  { signal, onEvent: tell, onRecord, onAllCached }: CallOptions,
): Promise<BuildResult> {
  const history = createBuildHistory(guard?.mask);
  const onEvent = history.watch(request.cacheFrom ? withRepeats(tell) : tell);
  const call: CallOptions = { signal, onEvent, ...(onAllCached && { onAllCached }) };
  const started = now();
  setMaxListeners(0, signal);
  await using state = openState(engine, createCacheGate(onAllCached === undefined));
  // Whoever can't unpack may not be able to delete what was unpacked, either.
  if (onAllCached && hasLeftovers(state.root)) state.gate.pass();
  state.secrets = guard;
  state.damages.listen((message) => onEvent({ type: 'warning', message, time: now() }));
  await using from = openRequestSources(request, { engine, state, onEvent });
  const { lock, sources, images } = from;
  const shared = await sharedCacheOf([request], { engine, state, call, history });
  const planned = await planRequest({ engine, state, request, images, sources, shared, call }, onEvent);
  const solver = makeSolver({
    engine,
    state,
    environment: () => planned.environment,
    request: () => request,
    shared,
    onEvent: withPlatforms(onEvent, planned.planned),
    history,
  });
  const result = await recordRequest(planned, { history, started, onRecord }, () =>
    finishRequest(planned, solver, started),
  );
  await lock.save();
  if (!onAllCached) await sweepAfter(solver, state, signal);
  return result;
}
