// Tries a name and a password at a registry, as every later request will.
import { SlipwayError } from '../errors.ts';
import { createAuthenticator } from './auth.ts';
import type { Login } from './credential-file.ts';
import { failure, failureWords } from './failure.ts';
import { failureLimit, type HttpRequest } from './http.ts';
import { apiHost } from './origin.ts';
import type { Transport } from './transport.ts';

/**
 * Returns where the registry takes the login; `anonymous` where it asks for none.
 * @throws ERR_UNAUTHORIZED, ERR_REGISTRY, ERR_NETWORK
 */
export async function tryLogin(
  transport: Transport,
  registry: string,
  given: { login: Login; signal: AbortSignal },
): Promise<'accepted' | 'anonymous'> {
  const { login, signal } = given;
  const auth = createAuthenticator({
    transport,
    credentials: {
      lookup: async () => ({ credential: { type: 'password', ...login }, source: 'the command line' }),
    },
    now: transport.retry.now,
  });
  const request = (authorization?: string): HttpRequest => ({
    method: 'GET',
    target: { host: apiHost(registry), path: '/v2/' },
    headers: authorization === undefined ? {} : { authorization },
  });
  const first = await transport.read(request(), failureLimit, signal);
  if (first.status === 200) return 'anonymous';
  if (first.status !== 401)
    throw failure(first, { registry, what: `the API of ${registry}`, absent: 'ERR_REGISTRY' });
  const access = { registry, repository: '', scopes: [] };
  const header = await auth.answer(first, access, { refused: undefined, signal });
  const second = await transport.read(request(header), failureLimit, signal);
  if (second.status === 200) return 'accepted';
  const { text } = failureWords(second);
  throw new SlipwayError(
    'ERR_UNAUTHORIZED',
    `${registry} does not take the login${text ? `: ${text}` : ''}`,
    { hint: 'check name and password; where there are access tokens, the token is the password' },
  );
}
