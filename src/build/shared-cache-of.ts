// Loads what shared caches need, where a request asks for one.
import type { BuildRequest } from '../build-request.ts';
import type { SharedCache, SharedCacheParts } from './shared-cache.ts';

export async function sharedCacheOf(
  requests: readonly BuildRequest[],
  parts: SharedCacheParts,
): Promise<SharedCache | undefined> {
  const isUsed = requests.some(({ cacheFrom = [], cacheTo = [] }) => cacheFrom.length + cacheTo.length > 0);
  if (!isUsed) return undefined;
  const { openSharedCache } = await import('./shared-cache.ts');
  return openSharedCache(requests, parts);
}
