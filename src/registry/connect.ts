// Puts the registry client together from its parts.
import type { RegistrySettings } from '../registry-settings.ts';
import { createAuthenticator } from './auth.ts';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { createCredentials } from './credentials.ts';
import { createTransport, type TransportOptions } from './transport.ts';

export interface RegistryOptions extends TransportOptions {
  settings?: RegistrySettings | undefined;
}

/** A client for all registries; nothing is read or opened before its first request. */
export function connectRegistries(options: RegistryOptions): RegistryClient {
  const { settings = {} } = options;
  const insecure = Object.entries(settings.hosts ?? {}).filter(([, host]) => host.insecure);
  const transport = createTransport({
    ...options,
    insecureHosts: [...(options.insecureHosts ?? []), ...insecure.map(([name]) => name)],
  });
  const credentials = createCredentials(options.env);
  const { now } = transport.retry;
  return createRegistryClient(transport, createAuthenticator({ transport, credentials, now }));
}
