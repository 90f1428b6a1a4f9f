// Shared caches in a real registry.
import { createRegistries } from '../../src/build/registries.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { createRepositoryCache } from '../../src/remote-cache/repository.ts';
import { testCacheRemote } from '../contract/cache-remote.ts';
import { hasDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { requireFeature } from '../support/require-feature.ts';
import { tempDir } from '../support/temp-dir.ts';

if (requireFeature('docker-registry', hasDockerRegistry())) {
  testCacheRemote('repository', async () => {
    const registry = await startDockerRegistry();
    const dir = await tempDir();
    const registries = createRegistries({
      root: dir.path,
      isolation: 'auto',
      snapshotter: 'auto',
      parallelism: 1,
      env: { HOME: dir.path },
    });
    return {
      open(tag) {
        const reference = `${registry.host}/team/app:${tag}`;
        return createRepositoryCache(() => registries.repository(reference), parseReference(reference));
      },
      async close() {
        await registries.close();
        await registry.stop();
        await dir[Symbol.asyncDispose]();
      },
    };
  });
}
