// A shared cache in a registry: a manifest under a tag of a repository.
import { invariant } from '../errors.ts';
import { formatReference, type Reference } from '../oci/reference.ts';
import type { CacheRemote, RemoteRepository } from '../seams.ts';

/** Nothing is asked of the registry before something is read or written. */
export function createRepositoryCache(
  repository: () => Promise<RemoteRepository>,
  reference: Reference,
): CacheRemote {
  const name = formatReference(reference);
  const wanted = reference.digest ?? reference.tag!;
  return {
    name,
    repository: `${reference.registry}/${reference.repository}`,
    read: async (signal) => (await repository()).readManifest(wanted, signal),
    readByDigest: async ({ digest }, signal) => (await repository()).readManifest(digest, signal),
    async *open(descriptor, signal) {
      yield* (await repository()).openBlob(descriptor, signal);
    },
    write: async (blob, signal) => (await repository()).pushBlob(blob, signal),
    async commit(document, base, signal) {
      invariant(reference.digest === undefined, `${name} can't be written to`);
      const remote = await repository();
      // The protocol knows no condition: what another writes between these two calls is written over.
      if ((await remote.readManifest(wanted, signal))?.digest !== base) return false;
      await remote.pushManifest({ ...document, tag: wanted }, signal);
      return true;
    },
  };
}
