// The content of entries in the cache of GitHub Actions, at signed addresses: block blobs of Azure, put whole or in blocks, read by ranges.
import { SlipwayError } from '../errors.ts';
import type { CacheHttp, CacheHttpAnswer, HttpHeaders } from './gha-service.ts';

/** The address is good no longer: another has to be asked for. */
export class ExpiredAddress extends SlipwayError {}

const answerLimit = 64 << 10;

export interface Upload {
  url: URL;
  http: CacheHttp;
}

/** All of a blob. */
export async function putBlob({ url, http }: Upload, bytes: Buffer, signal: AbortSignal): Promise<void> {
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' };
  const request = { method: 'PUT', target: url, headers, body: bytes } as const;
  checkWritten(await http.read(request, answerLimit, signal));
}

/** A part; it counts once it is listed. @param id unique in the blob, of the same length as the others */
export async function putBlock(
  { url, http }: Upload,
  { id, bytes }: { id: string; bytes: Buffer },
  signal: AbortSignal,
): Promise<void> {
  const target = withQuery(url, { comp: 'block', blockid: id });
  const headers = { 'content-type': 'application/octet-stream' };
  checkWritten(await http.read({ method: 'PUT', target, headers, body: bytes }, answerLimit, signal));
}

/** The blob is these blocks in this order. */
export async function putBlockList(
  { url, http }: Upload,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join('');
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`;
  const target = withQuery(url, { comp: 'blocklist' });
  const request = { method: 'PUT', target, headers: { 'content-type': 'application/xml' }, body } as const;
  checkWritten(await http.read(request, answerLimit, signal));
}

/** A whole blob of at most `limit` bytes; undefined where it is gone. @throws ERR_BAD_IMAGE for a larger one */
export async function readSmallBlob(
  { url, http }: Upload,
  limit: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const answer = await http.read({ method: 'GET', target: url }, limit, signal);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal('read', answer.status, url);
  if (answer.truncated)
    throw new SlipwayError('ERR_BAD_IMAGE', `an index of more than ${limit} bytes is not read`);
  return answer.bytes;
}

export interface RangeRequest {
  offset: number;
  size: number;
  http: CacheHttp;
  /** The blob's address; `again`: the one given before is good no longer. @throws ERR_BLOB_NOT_FOUND */
  address(again: boolean): Promise<URL>;
}

/** A part of a blob. What breaks off is gone on with; addresses that have expired are renewed. @throws ERR_BLOB_NOT_FOUND */
export async function* readRange(
  { offset, size, http, address }: RangeRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let failures = 0;
  let isExpired = false;
  while (at < size) {
    const url = await address(isExpired);
    const headers = { range: `bytes=${offset + at}-${offset + size - 1}` };
    const response = await http.send({ method: 'GET', target: url, headers }, signal);
    const { status } = response;
    if (status !== 206 || !isRangeFrom(response.headers, offset + at)) {
      response.body.destroy();
      if (status === 404) throw new SlipwayError('ERR_BLOB_NOT_FOUND', 'its pack is gone from the cache');
      if ((status !== 401 && status !== 403) || isExpired) throw refusal('read', status, url);
      isExpired = true;
      continue;
    }
    isExpired = false;
    const before = at;
    let broken: unknown;
    const chunks = response.body[Symbol.asyncIterator]();
    try {
      for (;;) {
        // Only the connection's failures are caught here, not those of whoever takes the bytes.
        const next = await chunks.next().catch((error: unknown) => {
          broken = error;
          return undefined;
        });
        if (!next || next.done) break;
        const chunk = (next.value as Buffer).subarray(0, size - at);
        at += chunk.length;
        if (chunk.length > 0) yield chunk;
        if (at === size) return;
      }
    } finally {
      response.body.destroy();
    }
    signal.throwIfAborted();
    failures = at > before ? 1 : failures + 1;
    if (failures >= http.retry.tries || (at === before && broken === undefined)) {
      throw new SlipwayError('ERR_NETWORK', `the download from ${url.host} broke off`, { cause: broken });
    }
    await http.retry.sleep(http.retry.delay * 2 ** failures, signal);
  }
}

function isRangeFrom(headers: HttpHeaders, start: number): boolean {
  const value = headers['content-range'];
  return typeof value === 'string' && value.startsWith(`bytes ${start}-`);
}

function withQuery(url: URL, query: Record<string, string>): URL {
  // What is signed stays as it is written.
  const more = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const copy = new URL(url);
  copy.search = [url.search.slice(1), ...more].filter((part) => part !== '').join('&');
  return copy;
}

function checkWritten({ status }: CacheHttpAnswer): void {
  if (status === 200 || status === 201) return;
  throw refusal('write', status);
}

/** Nothing of the address but the host is told: whoever has it may read. */
function refusal(what: 'read' | 'write', status: number, url?: URL): SlipwayError {
  const where = url === undefined ? '' : ` of ${url.host}`;
  const message = `the storage${where} answered ${status} to a ${what} of the cache`;
  if (status === 401 || status === 403)
    return new ExpiredAddress('ERR_REGISTRY', message, { hint: 'build again' });
  return new SlipwayError('ERR_REGISTRY', message, { hint: 'build again later' });
}
