// The registries of one engine call: one client, whose connections and logins are shared by all that pull, push or keep caches.
import type { EngineOptions } from '../engine.ts';
import { parseReference } from '../oci/reference.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { RepositoryReader } from '../registry/mirrored-reader.ts';
import type { RegistryRepository } from '../registry/remote-repository.ts';
import type { Transport } from '../registry/transport.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import type { ImageSource } from '../seams.ts';

export interface Registries {
  readonly settings: RegistrySettings;
  /** Images by the references of `docker pull`. */
  source(): Promise<ImageSource>;
  /**
   * The repository that a reference is in; the same one for the same name.
   * @param options.insecure its certificate is not checked, and plain http will do
   * @throws ERR_BAD_REFERENCE
   */
  repository(reference: string, options?: { insecure?: boolean }): Promise<RegistryRepository>;
  /** The same for those who only read: mirrors are asked first. @throws ERR_BAD_REFERENCE */
  reader(reference: string): Promise<RepositoryReader>;
  /** What they are reached by: proxies, certificates, retries. */
  http(): Promise<Transport>;
  /** Gives up connections; what still runs on them fails. */
  close(): Promise<void>;
}

/** Nothing is loaded, read or opened before something is asked for. */
export function createRegistries(engine: EngineOptions): Registries {
  const repositories = new Map<string, Promise<RegistryRepository>>();
  let client: Promise<RegistryClient> | undefined;
  let source: Promise<ImageSource> | undefined;

  function connect(): Promise<RegistryClient> {
    client ??= import('../registry/connect.ts').then(({ connectRegistries }) =>
      connectRegistries({ env: engine.env, settings: engine.registry }),
    );
    return client;
  }

  async function open(registry: string, repository: string, insecure: boolean): Promise<RegistryRepository> {
    const { createRemoteRepository } = await import('../registry/remote-repository.ts');
    return createRemoteRepository(await connect(), {
      registry,
      repository,
      ...(insecure ? { insecure } : {}),
    });
  }

  return {
    settings: engine.registry ?? {},
    source() {
      source ??= import('../registry/registry-source.ts').then(async ({ createRegistrySource }) =>
        createRegistrySource(await connect()),
      );
      return source;
    },
    async repository(reference, { insecure = false } = {}) {
      const { registry, repository } = parseReference(reference);
      const key = `${registry}/${repository} ${insecure}`;
      let found = repositories.get(key);
      if (!found) {
        found = open(registry, repository, insecure);
        repositories.set(key, found);
      }
      return found;
    },
    async reader(reference) {
      const { registry, repository } = parseReference(reference);
      const { createMirroredReader } = await import('../registry/mirrored-reader.ts');
      return createMirroredReader(await connect(), { registry, repository });
    },
    http: async () => (await connect()).transport,
    async close() {
      const opened = await client?.catch(() => undefined);
      await opened?.transport.close();
    },
  };
}
