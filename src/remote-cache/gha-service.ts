// The cache service of GitHub Actions, version 2: entries by key are reserved, finished and found by calls of Twirp, which are
// JSON over HTTP. What an entry holds goes over signed addresses, which these calls give.
import { SlipwayError } from '../errors.ts';

/** HTTP with retries: times are milliseconds. */
export interface CacheHttp {
  readonly retry: {
    tries: number;
    delay: number;
    sleep(ms: number, signal: AbortSignal): Promise<void>;
  };
  send(
    request: CacheHttpRequest,
    signal: AbortSignal,
  ): Promise<{ status: number; headers: HttpHeaders; body: AsyncIterable<unknown> & { destroy(): unknown } }>;
  /** At most `limit` bytes of the answer. */
  read(request: CacheHttpRequest, limit: number, signal: AbortSignal): Promise<CacheHttpAnswer>;
}

export interface CacheHttpRequest {
  method: 'GET' | 'POST' | 'PUT';
  target: URL;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** It is followed to no other origin. */
  stays?: boolean;
}

export type HttpHeaders = Record<string, string | string[] | undefined>;

export interface CacheHttpAnswer {
  status: number;
  headers: HttpHeaders;
  bytes: Buffer;
  truncated: boolean;
  /** What the request had to log in with, as an answer may repeat it. */
  sent?: readonly string[];
}

export interface GhaServiceOptions {
  /** `https://results-receiver.example.com/`. */
  url: URL;
  token: string;
  /** Of the entries: those of another one are not found. */
  version: string;
  http: CacheHttp;
}

export interface GhaService {
  /** Where its content goes; undefined where there is such an entry, or another reserved it. */
  reserve(key: string, signal: AbortSignal): Promise<URL | undefined>;
  /** From now on it is found. */
  finish(key: string, size: number, signal: AbortSignal): Promise<void>;
  /** The entry of this key, or the newest whose key begins with it. */
  find(key: string, signal: AbortSignal): Promise<FoundEntry | undefined>;
}

export interface FoundEntry {
  key: string;
  url: URL;
}

const path = 'twirp/github.actions.results.api.v1.CacheService/';
const answerLimit = 64 << 10;

export function createGhaService({ url, token, version, http }: GhaServiceOptions): GhaService {
  const base = new URL(url.pathname.endsWith('/') ? url : `${url}/`);

  /** @param options.none statuses that mean, as `ok: false` does, that there is nothing: the answer is undefined */
  async function call(
    method: string,
    body: Record<string, unknown>,
    { none, signal }: { none: readonly number[]; signal: AbortSignal },
  ): Promise<Record<string, unknown> | undefined> {
    const request = {
      method: 'POST',
      target: new URL(path + method, base),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, version }),
      stays: true,
    } as const;
    const answer = await http.read(request, answerLimit, signal);
    if (none.includes(answer.status)) return undefined;
    const value = parseObject(answer);
    if (answer.status !== 200 || value === undefined) throw refusal(method, answer, value);
    return value['ok'] === true ? value : undefined;
  }

  function signedUrl(value: unknown): URL {
    const text = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    // What is served without TLS was asked for so.
    if (text?.protocol === 'https:' || (text?.protocol === 'http:' && base.protocol === 'http:')) return text;
    throw new SlipwayError('ERR_REGISTRY', `${base.host} gives no address for the content of a cache`);
  }

  async function find(key: string, signal: AbortSignal): Promise<FoundEntry | undefined> {
    const body = { key, restore_keys: [key] };
    const answer = await call('GetCacheEntryDownloadURL', body, { none: [404], signal });
    const found = answer?.['matched_key'];
    if (!answer || typeof found !== 'string' || !found.startsWith(key)) return undefined;
    return { key: found, url: signedUrl(answer['signed_download_url']) };
  }

  return {
    find,
    async reserve(key, signal) {
      const answer = await call('CreateCacheEntry', { key }, { none: [409], signal });
      return answer && signedUrl(answer['signed_upload_url']);
    },
    async finish(key, size, signal) {
      const body = { key, size_bytes: String(size) };
      try {
        const answer = await call('FinalizeCacheEntryUpload', body, { none: [], signal });
        if (answer) return;
      } catch (error) {
        signal.throwIfAborted();
        // The first of several attempts may have done it, and its answer been lost.
        if ((await find(key, signal).catch(() => undefined))?.key !== key) throw error;
        return;
      }
      throw new SlipwayError('ERR_REGISTRY', `${base.host} did not keep the cache entry ${key}`);
    },
  };
}

function parseObject({ bytes, truncated }: CacheHttpAnswer): Record<string, unknown> | undefined {
  try {
    const value: unknown = truncated ? undefined : JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(
  method: string,
  { status, sent = [] }: CacheHttpAnswer,
  value: Record<string, unknown> | undefined,
): SlipwayError {
  const said = typeof value?.['msg'] === 'string' ? value['msg'] : '';
  const words = sent
    .reduce((text, secret) => text.replaceAll(secret, '***'), said)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 300);
  const what = `the cache service of GitHub Actions answered ${status} to ${method}${words && `: ${words}`}`;
  if (status === 401 || status === 403) {
    return new SlipwayError('ERR_UNAUTHORIZED', what, {
      hint: 'ACTIONS_RUNTIME_TOKEN is good for the job that got it, until that ends; some events get one that only reads',
    });
  }
  const hint =
    status === 429
      ? 'the service limits requests: build again later, or keep the cache with type=registry'
      : status === 404
        ? 'check ACTIONS_RESULTS_URL, or url_v2: nothing there speaks version 2 of the protocol'
        : 'the service is at fault: build again later';
  return new SlipwayError('ERR_REGISTRY', what, { hint });
}
