// Loads what guards secrets, where a build has some, and masks what the build tells and how it fails.
import type { BuildRequest, CachePlace } from '../build-request.ts';
import type { CallOptions } from '../engine.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import { maskTrace } from '../trace.ts';
import type { SecretGuard } from './secret-guard.ts';
import { readSecretPipes } from './secret-pipes.ts';

/** @param work gets the call as it is to be used, and what searches; undefined where there is nothing to search for. */
export async function withoutSecrets<T>(
  { requests, login }: { requests: readonly BuildRequest[]; login: RegistrySettings['login'] },
  call: CallOptions,
  work: (call: CallOptions, guard: SecretGuard | undefined) => Promise<T>,
): Promise<T> {
  if (!login && !requests.some(mayHaveSecrets)) return work(call, undefined);
  const { createSecretGuard } = await import('./secret-guard.ts');
  await readSecretPipes(requests, call.signal);
  const guard = createSecretGuard(requests, call, login);
  if (!guard) return work(call, undefined);
  maskTrace(guard.maskText);
  try {
    return await work({ ...call, onEvent: guard.events(call.onEvent) }, guard);
  } catch (error) {
    throw guard.maskError(error);
  }
}

const hasToken = ({ type }: CachePlace): boolean => type === 's3' || type === 'gha';

/** Named by flags, or a login in an address: of proxies, the context, places of caches. */
function mayHaveSecrets(request: BuildRequest): boolean {
  const { secrets, env, buildArgs, context, buildContexts, cacheFrom = [], cacheTo = [] } = request;
  const hasLogin = (value: string | undefined): boolean => value?.includes('@') === true;
  return (
    secrets.length > 0 ||
    [...Object.entries(env), ...Object.entries(buildArgs)].some(
      ([name, value]) => /_proxy$/i.test(name) && hasLogin(value),
    ) ||
    [context, ...buildContexts.map(({ value }) => value)].some(hasLogin) ||
    cacheFrom.some(({ place }) => hasToken(place)) ||
    cacheTo.some((target) => target.type === 'place' && hasToken(target.place))
  );
}
