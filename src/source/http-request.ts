// One GET or HEAD over HTTP: redirects followed within http and https, failures told apart, transient ones tried again.
import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { SlipwayError, systemCode } from '../errors.ts';
import { redactAddress } from './redact-source.ts';

export interface HttpResponse {
  status: number;
  /** Lower-case names; of several values the first. */
  header(name: string): string | undefined;
  body: AsyncIterable<Uint8Array>;
  /** Drops what is left; where it is little, the connection can serve again. */
  discard(): Promise<void>;
}

export interface HttpClientOptions {
  /** The connections for a URL: proxies and trust are its matter. */
  dispatcher(url: URL): Promise<Dispatcher>;
  /** Milliseconds before attempt 2, 3, …; as many as there are attempts after the first. */
  pauses: readonly number[];
}

export type HttpClient = (
  method: 'GET' | 'HEAD',
  url: URL,
  options: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<HttpResponse>;

const mostRedirects = 10;
const redirects = [301, 302, 303, 307, 308];

export function createHttpClient(options: HttpClientOptions): HttpClient {
  async function once(
    method: 'GET' | 'HEAD',
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const { request } = await import('undici');
    const dispatcher = await options.dispatcher(url);
    const answer = await request(url, { method, headers, signal, dispatcher });
    return {
      status: answer.statusCode,
      header(name) {
        const value = answer.headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      body: answer.body,
      async discard() {
        // Its headers tell the length of a body that does not come, for which undici would wait.
        if (answer.statusCode === 304) answer.body.on('error', () => {}).destroy();
        else await answer.body.dump({ limit: 1 << 16 });
      },
    };
  }

  /** The login of an address goes with every request to its own origin, and to no other. */
  async function follow(
    method: 'GET' | 'HEAD',
    start: URL,
    given: Record<string, string>,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    let url = start;
    for (let count = 0; count <= mostRedirects; count++) {
      const { authorization, ...open } = given;
      const sameOrigin = url.origin === start.origin;
      const headers = sameOrigin && authorization !== undefined ? { ...open, authorization } : open;
      const answer = await once(method, withoutLogin(url), headers, signal);
      const location = answer.header('location');
      if (!redirects.includes(answer.status) || location === undefined) return answer;
      await answer.discard();
      url = redirectTarget(url, location);
    }
    throw new SlipwayError(
      'ERR_NETWORK',
      `${redactAddress(start.href)} redirects more than ${mostRedirects} times`,
      {
        hint: 'check the address',
      },
    );
  }

  return async (method, url, { headers, signal }) => {
    for (let failed = 0; ; failed++) {
      const pause = options.pauses[failed];
      try {
        const answer = await follow(method, url, headers, signal);
        if (pause === undefined || !isTransientStatus(answer.status)) return answer;
        await answer.discard();
      } catch (error) {
        signal.throwIfAborted();
        if (pause === undefined || !isTransientError(error)) throw httpError(error, url);
      }
      await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  };
}

function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  return bare;
}

function redirectTarget(from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (
    target &&
    /^https?:$/.test(target.protocol) &&
    (from.protocol === 'http:' || target.protocol === 'https:')
  )
    return target;
  throw new SlipwayError(
    'ERR_NETWORK',
    `${redactAddress(from.href)} redirects to an address that is not followed: ${redactAddress(location).slice(0, 200)}`,
    { hint: 'redirects go to http and https alone, and from https to https' },
  );
}

function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

const transientCodes = [
  ...['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
  ...['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'HPE_INVALID_EOF_STATE'],
];

export function isTransientError(error: unknown): boolean {
  if (error instanceof SlipwayError) return false;
  const { cause, errors } = (error ?? {}) as { cause?: unknown; errors?: unknown[] };
  return [error, cause, errors?.[0]].some((one) => transientCodes.includes(systemCode(one) ?? ''));
}

/** What the user sees of a request or a body that failed. */
export function httpError(error: unknown, url: URL): unknown {
  if (error instanceof SlipwayError) return error;
  const { cause, errors } = (error ?? {}) as { cause?: unknown; errors?: unknown[] };
  const code = [error, cause, errors?.[0]].map(systemCode).find((one) => one !== undefined);
  if (code === undefined) return error;
  return new SlipwayError('ERR_NETWORK', `can't fetch ${redactAddress(url.href)}: ${code}`, {
    cause: error,
    hint: 'is the address right, and is there a network?',
  });
}
