// Logging in to registries and out of them: the login is tried, then kept where Docker's tools keep theirs.
import type { CallOptions, EngineOptions } from '../engine.ts';
import type { LoginResult } from '../image-request.ts';
import { connectRegistries } from '../registry/connect.ts';
import { createCredentialFile, type Login } from '../registry/credential-file.ts';
import { tryLogin } from '../registry/login.ts';

const fileOf = (engine: EngineOptions) =>
  createCredentialFile({ env: engine.env, file: engine.registry?.authFile });

/** @throws ERR_UNAUTHORIZED, ERR_REGISTRY, ERR_NETWORK, ERR_STORE */
export async function login(
  engine: EngineOptions,
  request: { registry: string; login: Login },
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<LoginResult> {
  const { registry } = request;
  const client = connectRegistries({ env: engine.env, settings: engine.registry });
  try {
    const outcome = await tryLogin(client.transport, registry, { login: request.login, signal });
    const keptIn = await fileOf(engine).keep(registry, request.login, signal);
    return { keptIn, needed: outcome === 'accepted' };
  } finally {
    await client.transport.close();
  }
}

/** Whether there was a login. @throws ERR_UNAUTHORIZED for a broken file or helper, ERR_STORE */
export function logout(
  engine: EngineOptions,
  registry: string,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<boolean> {
  return fileOf(engine).forget(registry, signal);
}
