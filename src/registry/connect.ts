// Puts the registry client together from its parts.
import { createAuthenticator } from './auth.ts';
import { createRegistryClient, type RegistryClient } from './client.ts';
import { createCredentials } from './credentials.ts';
import { createTransport, type TransportOptions } from './transport.ts';

export type RegistryOptions = TransportOptions;

/** A client for all registries; nothing is read or opened before its first request. */
export function connectRegistries(options: RegistryOptions): RegistryClient {
  const { env, settings = {} } = options;
  const transport = createTransport(options);
  const credentials = createCredentials(env, settings);
  const { now } = transport.retry;
  return createRegistryClient(transport, createAuthenticator({ transport, credentials, now }), settings);
}
