// Files from HTTP servers: kept in the store by content, asked for again only where the server says that they have changed.

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SlipwayError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { ContentStore } from '../seams.ts';
import type { SecretReader } from './git-remote.ts';
import type { HttpIndex, HttpMemory } from './http-index.ts';
import { type HttpClient, type HttpResponse, httpError, isTransientError } from './http-request.ts';
import { redactAddress } from './redact-source.ts';

export interface HttpFile {
  digest: Digest;
  size: number;
  /** Nanoseconds since 1970: Last-Modified, or 0. */
  mtime: bigint;
}

export interface HttpSource {
  /**
   * The file is in the store when it returns. With a checksum that is stored already nothing is asked.
   * @throws ERR_NETWORK, ERR_UNAUTHORIZED, ERR_SOURCE_NOT_FOUND, ERR_DIGEST_MISMATCH, ERR_USAGE
   */
  fetch(url: string, checksum: Digest | undefined, signal: AbortSignal): Promise<HttpFile>;
}

export interface HttpSourceOptions {
  store: ContentStore;
  index: HttpIndex;
  client: HttpClient;
  secret: SecretReader;
  /** Milliseconds before a broken download is begun anew; one attempt more than there are pauses. */
  retries: number;
  /** Bytes of a file; left out: no bound. */
  longest?: number;
  /** Nothing is asked of servers. */
  offline?: boolean | undefined;
}

export function createHttpSource(options: HttpSourceOptions): HttpSource {
  const { store, index, client, secret } = options;
  const running = new Map<string, Promise<HttpFile>>();

  async function loginFor(url: URL): Promise<Record<string, string>> {
    const header = await secret(`HTTP_AUTH_HEADER_${url.hostname}`);
    const token = await secret(`HTTP_AUTH_TOKEN_${url.hostname}`);
    let value = token === undefined ? undefined : `Bearer ${token.toString('utf8').trim()}`;
    if (header !== undefined) value = header.toString('utf8').trim();
    if (value === undefined && url.username !== '') {
      const login = [url.username, url.password].map(decoded).join(':');
      value = `Basic ${Buffer.from(login).toString('base64')}`;
    }
    if (value !== undefined && /[\r\n\0]/.test(value)) {
      throw new SlipwayError(
        'ERR_USAGE',
        `the secret that logs in at ${url.hostname} has more than one line`,
        {
          hint: `HTTP_AUTH_TOKEN_${url.hostname} and HTTP_AUTH_HEADER_${url.hostname} hold one line`,
        },
      );
    }
    return value === undefined ? {} : { authorization: value };
  }

  async function remembered(address: string): Promise<HttpMemory | undefined> {
    const memory = index.get(address);
    return memory && (await store.info(memory.digest)) ? memory : undefined;
  }

  /** Asks the server whether what is stored is still what it has. */
  function conditions(memory: HttpMemory | undefined): Record<string, string> {
    if (memory?.etag !== undefined) return { 'if-none-match': memory.etag };
    return memory?.lastModified === undefined ? {} : { 'if-modified-since': memory.lastModified };
  }

  async function download(
    address: string,
    url: URL,
    checksum: Digest | undefined,
    signal: AbortSignal,
  ): Promise<HttpFile> {
    const memory = checksum === undefined ? await remembered(address) : undefined;
    const headers = {
      'user-agent': 'slipway',
      accept: '*/*',
      'accept-encoding': 'identity',
      ...(await loginFor(url)),
      ...conditions(memory),
    };
    const answer = await client('GET', url, { headers, signal });
    if (answer.status === 304 && memory) {
      await answer.discard();
      return fileOf(memory);
    }
    if (answer.status !== 200) {
      await answer.discard();
      throw refusal(answer.status, url);
    }
    const length = answer.header('content-length');
    const encoded = /^(x-)?gzip$/i.test(answer.header('content-encoding') ?? '');
    const expected = {
      ...(checksum === undefined ? {} : { digest: checksum }),
      ...(length === undefined || encoded ? {} : { size: Number(length) }),
    };
    const body = encoded ? gunzip(answer) : answer.body;
    const { digest, size } = await store.ingest(within(body, url), expected, signal);
    const found: HttpMemory = {
      digest,
      size,
      etag: answer.header('etag'),
      lastModified: answer.header('last-modified'),
    };
    await index.set(address, found);
    return fileOf(found);
  }

  async function* within(body: AsyncIterable<Uint8Array>, url: URL): AsyncGenerator<Uint8Array> {
    const { longest = Number.POSITIVE_INFINITY } = options;
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > longest) throw tooLong(url, longest);
      yield chunk;
    }
  }

  async function fetch(
    address: string,
    checksum: Digest | undefined,
    signal: AbortSignal,
  ): Promise<HttpFile> {
    const url = parseUrl(address);
    const stored = checksum === undefined ? undefined : await store.info(checksum);
    if (stored) {
      const memory = index.get(address);
      return memory && memory.digest === checksum ? fileOf(memory) : { ...stored, mtime: 0n };
    }
    if (options.offline) {
      const memory = checksum === undefined ? await remembered(address) : undefined;
      if (memory) return fileOf(memory);
      throw new SlipwayError('ERR_OFFLINE', `${redactAddress(address)} is not stored here`, {
        hint: 'build once without --offline',
      });
    }
    for (let left = options.retries; ; left--) {
      try {
        return await download(address, url, checksum, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (left <= 0 || !isTransientError(error)) throw httpError(error, url);
      }
    }
  }

  return {
    fetch(url, checksum, signal) {
      const key = `${checksum ?? ''} ${url}`;
      let one = running.get(key);
      if (!one) {
        one = fetch(url, checksum, signal);
        running.set(key, one);
      }
      return one;
    },
  };
}

/** As it stands where it is no right percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tooLong(url: URL, longest: number): SlipwayError {
  return new SlipwayError('ERR_NETWORK', `${redactAddress(url.href)} goes on after ${longest} bytes`, {
    hint: 'where so much is right, raise the limit: SLIPWAY_LIMITS=download=…',
  });
}

function gunzip(answer: HttpResponse): AsyncIterable<Uint8Array> {
  const source = Readable.from(answer.body);
  const target = createGunzip();
  source.once('error', (error) => target.destroy(error));
  return source.pipe(target);
}

function fileOf({ digest, size, lastModified }: HttpMemory): HttpFile {
  const time = Date.parse(lastModified ?? '');
  return { digest, size, mtime: Number.isNaN(time) ? 0n : BigInt(time) * 1_000_000n };
}

function parseUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new SlipwayError('ERR_USAGE', `${redactAddress(address)} is no http or https URL`, {
    hint: 'check the address',
  });
}

function refusal(status: number, url: URL): SlipwayError {
  const what = `can't fetch ${redactAddress(url.href)}: the server says ${status}`;
  if (status === 401 || status === 403) {
    return new SlipwayError('ERR_UNAUTHORIZED', what, {
      hint: `give a token with --secret id=HTTP_AUTH_TOKEN_${url.hostname},env=NAME`,
    });
  }
  if (status === 404 || status === 410)
    return new SlipwayError('ERR_SOURCE_NOT_FOUND', what, { hint: 'check the address' });
  return new SlipwayError('ERR_NETWORK', what, { hint: 'check the address, or try again later' });
}
