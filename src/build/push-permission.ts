// Asks whether what will be built may be pushed, while the build begins: no step has to run for an answer that is no.
import type { BuildRequest } from '../build-request.ts';
import type { CallOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import { pushedOutputs, pushTargets } from './push-targets.ts';
import type { State } from './state.ts';

/**
 * One question for each repository.
 * @throws ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY
 */
export async function checkPushPermission(
  request: BuildRequest,
  state: State,
  { signal, onEvent }: CallOptions,
): Promise<void> {
  if (state.registries.settings.skipPushCheck) return;
  const names = new Map<string, boolean>();
  for (const { push } of pushedOutputs(request))
    for (const { name } of pushTargets(push, request.tags)) names.set(name, push.insecure ?? false);
  await Promise.all(
    [...names].map(async ([name, insecure]) => {
      const id = `push permission ${name}`;
      onEvent({
        type: 'started',
        vertex: { id, name: `[internal] check that ${name} may be pushed to` },
        time: Date.now(),
      });
      try {
        await (await state.registries.repository(name, { insecure })).checkPush(signal);
        onEvent({ type: 'done', id, time: Date.now() });
      } catch (error) {
        onEvent({ type: 'done', id, error: (error as Error).message, time: Date.now() });
        throw explained(error);
      }
    }),
  );
}

/** The question itself may be what a registry does not take. */
function explained(error: unknown): unknown {
  if (error instanceof SlipwayError && ['ERR_UNAUTHORIZED', 'ERR_REGISTRY'].includes(error.code)) {
    const skip = 'to build without asking first, add --skip-push-permission-check';
    error.hint = error.hint === undefined ? skip : `${error.hint}; ${skip}`;
  }
  return error;
}
