// Plans a build while registries are asked whether its result may be pushed.
import type { BuildRequest } from '../build-request.ts';
import type { CallOptions } from '../engine.ts';
import { pushedOutputs } from './push-targets.ts';
import type { State } from './state.ts';

/**
 * Runs `work`, and waits for the registries' word besides; where it fails, nobody waits for that.
 * @throws what `work` throws; ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY
 */
export async function withPushPermission<T>(
  { request, state, call }: { request: BuildRequest; state: State; call: CallOptions },
  work: () => Promise<T>,
): Promise<T> {
  if (pushedOutputs(request).length === 0) return work();
  const stop = new AbortController();
  const signal = AbortSignal.any([call.signal, stop.signal]);
  const asked = import('./push-permission.ts').then(({ checkPushPermission }) =>
    checkPushPermission(request, state, { ...call, signal }),
  );
  asked.catch(() => {});
  try {
    const done = await work();
    await asked;
    return done;
  } finally {
    stop.abort();
    await asked.catch(() => {});
  }
}
