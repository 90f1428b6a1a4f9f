// HTTP for the registry client: pooled connections, schemes by host, redirects, retries. Knows nothing of registries' paths or
// of logging in; any status is an answer and is given back, only a connection that fails for good throws.
import { Readable } from 'node:stream';
import { SlipwayError } from '../errors.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import { createDispatchers } from './dispatcher.ts';
import { hostSettings, urlSettings } from './host-settings.ts';
import {
  BodyError,
  bodyPieces,
  discard,
  type HttpAnswer,
  type HttpRequest,
  type HttpResponse,
  headerOf,
  readBody,
} from './http.ts';
import { isPlainFailure, isTimeout, isTransient, networkError } from './network-error.ts';
import { originsOf } from './origin.ts';
import { proxyFor } from './proxy.ts';
import { redactUrl } from './redact.ts';
import {
  createRetries,
  defaultRetryPolicy,
  isRetryableStatus,
  parseRetryAfter,
  type RetryPolicy,
  retriesOf,
} from './retry.ts';
import { sentSecrets } from './sent-secrets.ts';
import { tracedRequest } from './traced-request.ts';
import { createTrust } from './trust.ts';

export interface TransportOptions {
  env: Record<string, string | undefined>;
  /** A PEM file with certificate authorities that are trusted besides the usual ones. */
  caFile?: string | undefined;
  settings?: RegistrySettings | undefined;
  retry?: Partial<RetryPolicy> | undefined;
  userAgent?: string | undefined;
  /** Milliseconds without a byte after which a connection is given up; 60,000 where undefined. */
  idleTimeout?: number | undefined;
}

export interface Transport {
  readonly retry: RetryPolicy;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly idleTimeout: number;
  /** @throws ERR_NETWORK, ERR_REGISTRY for redirects that lead nowhere. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** The whole answer; a body that breaks off is asked for again. Of a failure at most 64 KiB are read. */
  read(request: HttpRequest, limit: number, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const keepingRedirects = new Set([307, 308]);
const redirectLimit = 10;
/** Bytes of an answer that may wait to be read: what arrives in small pieces is then read in larger ones. */
const bodyAhead = 1 << 20;

export function createTransport(options: TransportOptions): Transport {
  const { settings = {}, env, caFile } = options;
  const retry: RetryPolicy = { ...defaultRetryPolicy, ...retriesOf(settings), ...options.retry };
  const idleTimeout = options.idleTimeout ?? settings.idleTimeout ?? 60_000;
  const dispatchers = createDispatchers({ env, trust: createTrust({ env, settings, caFile }), idleTimeout });
  /** The origin that answered, by host and whether plain http would do: what one may send without TLS, another must not. */
  const origins = new Map<string, string>();
  /** Which URL an error comes from: behind a redirect it is not the one asked for. */
  const failedAt = new WeakMap<object, URL>();

  function isInsecure(request: HttpRequest, url: URL): boolean {
    if (urlSettings(settings, url).insecure) return true;
    const { target } = request;
    // Not wherever a redirect leads.
    return request.insecure === true && url.host === target.host;
  }

  async function exchange(request: HttpRequest, url: URL, signal: AbortSignal): Promise<HttpResponse> {
    const dispatcher = await dispatchers.for(url, isInsecure(request, url));
    const { body: content = null } = request;
    const streamed =
      content !== null && typeof content === 'object' && 'open' in content ? content : undefined;
    // Whoever gives the bytes must not wait for a connection that is gone.
    const ended = new AbortController();
    const pieces = streamed && bodyPieces(streamed, AbortSignal.any([signal, ended.signal]));
    try {
      const call = {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: {
          'user-agent': options.userAgent ?? 'slipway',
          ...(streamed ? { 'content-length': String(streamed.size) } : {}),
          ...request.headers,
        },
        body: pieces ? Readable.from(pieces, { objectMode: false }) : (content as string | Buffer | null),
        ...(request.patience === undefined ? {} : { headersTimeout: request.patience }),
        highWaterMark: bodyAhead,
        signal,
      };
      const { statusCode, headers, body } = await tracedRequest(url, request.method, () =>
        dispatcher.request(call),
      );
      // A body that nobody reads yet must not bring the process down when its connection breaks.
      body.on('error', () => undefined);
      if (statusCode >= 300) ended.abort();
      const sent = statusCode < 400 ? [] : sentSecrets(request);
      return { status: statusCode, headers, url, foreign: false, body, ...(sent.length > 0 ? { sent } : {}) };
    } catch (error) {
      ended.abort();
      throw error;
    }
  }

  /** Of a request that is no read only those redirects are followed that keep its method and body (RFC 9110, 15.4). */
  async function follow(request: HttpRequest, start: URL, signal: AbortSignal): Promise<HttpResponse> {
    let url = start;
    let headers = request.headers ?? {};
    let foreign = false;
    for (let hop = 0; hop <= redirectLimit; hop++) {
      const response = await exchange({ ...request, headers }, url, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (typeof error === 'object' && error !== null) failedAt.set(error, url);
        throw error;
      });
      const location = headerOf(response, 'location');
      const reads = request.method === 'GET' || request.method === 'HEAD';
      const followed = reads ? redirects : keepingRedirects;
      if (location === undefined || !followed.has(response.status)) return { ...response, foreign };
      discard(response);
      const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
      if (next?.protocol !== 'http:' && next?.protocol !== 'https:') {
        throw new SlipwayError(
          'ERR_REGISTRY',
          `${redactUrl(url)} redirects to something that is no web address`,
        );
      }
      if (next.origin !== url.origin) {
        if (request.stays)
          throw new SlipwayError(
            'ERR_REGISTRY',
            `${redactUrl(url)} redirects what is meant for it alone to ${next.host}`,
          );
        foreign = true;
        const { authorization: _, ...rest } = headers;
        headers = rest;
      }
      url = next;
    }
    throw new SlipwayError('ERR_REGISTRY', `${redactUrl(start)} redirects more than ${redirectLimit} times`);
  }

  /** Tries the schemes a host may speak, and remembers the one that answered. */
  async function attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { target } = request;
    if (target instanceof URL) return follow(request, target, signal);
    const { host, path } = target;
    const insecure = request.insecure || hostSettings(settings, host).insecure === true;
    const key = `${host} ${insecure}`;
    const known = origins.get(key);
    const candidates = known ? [known] : originsOf(host, insecure);
    let refused: HttpResponse | undefined;
    let failure: unknown;
    for (const [i, origin] of candidates.entries()) {
      const last = i === candidates.length - 1;
      try {
        const response = await follow(request, new URL(path, origin), signal);
        // A server that expects TLS answers 400 to plain http.
        if (response.status === 400 && origin.startsWith('http:') && !last) {
          refused = response;
          continue;
        }
        origins.set(key, origin);
        if (refused) discard(refused);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof BodyError) throw error;
        // A server that took the connection and says nothing won't say more in another scheme.
        if (isTimeout(error)) throw error;
        // A reason that holds for good says more than a connection that merely broke.
        if (failure === undefined || (isTransient(failure, host) && !isTransient(error, host)))
          failure = error;
      }
    }
    // Who speaks TLS, if not well enough, meant that by its answer to plain http.
    if (refused && isPlainFailure(failure)) return refused;
    if (refused) discard(refused);
    throw failure;
  }

  async function retried<T>(
    request: HttpRequest,
    consume: (response: HttpResponse) => T | Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const retries = createRetries(retry);
    const { target } = request;
    const started = retry.now();
    let waited = 0;
    for (;;) {
      signal.throwIfAborted();
      let wait: number | undefined;
      try {
        const response = await attempt(request, signal);
        if (request.once || !isRetryableStatus(response.status)) return await consume(response);
        wait = retries.next(parseRetryAfter(headerOf(response, 'retry-after'), retry.now()));
        if (wait === undefined) return await consume(response);
        discard(response);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof BodyError) throw error.cause;
        const asked = target instanceof URL ? target : new URL(`https://${target.host}`);
        const url = failedAt.get(error as object) ?? asked;
        const late = retry.now() - started - waited >= 2 * idleTimeout;
        const mayMend = !request.once && !late && isTransient(error, url.host);
        wait = mayMend ? retries.next() : undefined;
        if (wait === undefined) throw networkError(error, url, proxyFor(url, options.env));
      }
      await retry.sleep(wait, signal);
      waited += wait;
    }
  }

  return {
    retry,
    idleTimeout,
    send: (request, signal) => retried(request, (response) => response, signal),
    read: (request, limit, signal) =>
      retried(request, (response) => readBody(response, limit, idleTimeout), signal),
    close: () => dispatchers.close(),
  };
}
