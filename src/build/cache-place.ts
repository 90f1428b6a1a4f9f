// Opens the place where a shared cache lies; what talks to it is loaded then.
import { resolve } from 'node:path';
import type { CachePlace } from '../build-request.ts';
import { parseReference } from '../oci/reference.ts';
import type { CacheRemote } from '../seams.ts';
import type { Registries } from './registries.ts';

export interface CachePlaceParts {
  cwd: string;
  env: Record<string, string | undefined>;
  registries: Registries;
}

/** A place with several names as one for each. */
export function placesOf(place: CachePlace): CachePlace[] {
  return place.type === 's3' ? place.names.map((name) => ({ ...place, names: [name] })) : [place];
}

/** Nothing is asked of it yet. @throws ERR_BAD_REFERENCE */
export async function openCachePlace(place: CachePlace, parts: CachePlaceParts): Promise<CacheRemote> {
  switch (place.type) {
    case 'local': {
      const { createFolderCache } = await import('../remote-cache/folder.ts');
      return createFolderCache({ ...place, path: resolve(parts.cwd, place.path) });
    }
    case 'registry': {
      const { createRepositoryCache } = await import('../remote-cache/repository.ts');
      const { ref, insecure = false } = place;
      return createRepositoryCache(() => parts.registries.repository(ref, { insecure }), parseReference(ref));
    }
    case 's3': {
      const { createBucketCache } = await import('../remote-cache/bucket.ts');
      const { names, ...bucket } = place;
      return createBucketCache({ ...bucket, name: names[0]! }, parts.env);
    }
    case 'gha': {
      const { createGhaCache } = await import('../remote-cache/gha.ts');
      return createGhaCache(place, { env: parts.env, http: () => parts.registries.http() });
    }
  }
}
