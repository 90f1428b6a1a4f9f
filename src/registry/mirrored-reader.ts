// A repository for those who only read it: its mirrors are asked first, then the registry itself.
import type { RemoteRepository } from '../seams.ts';
import type { RegistryClient, Repository } from './client.ts';
import { endpointsOf } from './host-settings.ts';
import { fromFirst, streamFrom } from './mirrors.ts';
import { createRemoteRepository } from './remote-repository.ts';

/** What is read of a repository. */
export type RepositoryReader = Pick<RemoteRepository, 'name' | 'readManifest' | 'openBlob'>;

export function createMirroredReader(client: RegistryClient, repository: Repository): RepositoryReader {
  const places = endpointsOf(client.settings, repository);
  return {
    name: `${repository.registry}/${repository.repository}`,
    async readManifest(reference, signal) {
      // A mirror that lacks it is no answer for the registry.
      for (const place of places.slice(0, -1)) {
        const found = await fromFirst([place, undefined], signal, async (one) =>
          one ? createRemoteRepository(client, one).readManifest(reference, signal) : undefined,
        );
        if (found) return found;
      }
      return createRemoteRepository(client, places.at(-1)!).readManifest(reference, signal);
    },
    openBlob: (descriptor, signal) => streamFrom(client, places, { descriptor, signal }),
  };
}
