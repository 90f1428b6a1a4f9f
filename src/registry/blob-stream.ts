// A blob as a stream that survives dropped connections: what is missing is asked for with a Range.
import { SlipwayError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { blobSubject, failureOf, type RegistryClient, type Repository } from './client.ts';
import { discard, type HttpResponse, headerOf } from './http.ts';
import { paced } from './paced.ts';
import { createRetries } from './retry.ts';

/** Progress after which earlier failures are forgiven: a long download may break more often than a short one. */
const forgiving = 4 << 20;

function mismatch(descriptor: Descriptor, why: string): SlipwayError {
  return new SlipwayError(
    'ERR_DIGEST_MISMATCH',
    `the blob ${descriptor.digest} is not what it should be: ${why}`,
    {
      hint: 'the registry or a proxy on the way serves wrong content; nothing of it was kept',
    },
  );
}

/** How many of the first bytes of the answer are already known. @throws where the answer is no part of the blob. */
function overlapOf(response: HttpResponse, descriptor: Descriptor, offset: number): number {
  const { size } = descriptor;
  let start = 0;
  if (response.status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headerOf(response, 'content-range') ?? '');
    if (!range || Number(range[1]) !== offset)
      throw mismatch(descriptor, `other bytes came than those from ${offset} on`);
    if (range[3] !== '*' && Number(range[3]) !== size)
      throw mismatch(descriptor, `it has ${range[3]} bytes where its descriptor says ${size}`);
    start = offset;
  }
  const length = headerOf(response, 'content-length');
  if (length !== undefined && Number(length) !== size - start)
    throw mismatch(descriptor, `${length} bytes are offered where its descriptor leaves ${size - start}`);
  return offset - start;
}

/**
 * Streams a blob, unverified but never longer or shorter than its descriptor says.
 * @param request.from the bytes before it are left out
 * @throws ERR_BLOB_NOT_FOUND, ERR_UNAUTHORIZED, ERR_REGISTRY, ERR_NETWORK, ERR_DIGEST_MISMATCH (a wrong length)
 */
export async function* streamBlob(
  client: RegistryClient,
  repository: Repository,
  request: { descriptor: Descriptor; signal: AbortSignal; from?: number },
): AsyncGenerator<Uint8Array, void, void> {
  const { descriptor, signal, from = 0 } = request;
  const { retry } = client.transport;
  let offset = from;
  let entityTag: string | undefined;
  let retries = createRetries(retry);
  let forgivenAt = from;
  let takesRanges = true;
  while (true) {
    const isRest = offset > 0 && takesRanges;
    const headers: Record<string, string> = isRest ? { range: `bytes=${offset}-` } : {};
    if (isRest && entityTag) headers['if-range'] = entityTag;
    const call = { method: 'GET' as const, path: `blobs/${descriptor.digest}`, headers };
    const response = await client.send(repository, call, signal);
    if (response.status === 416 && isRest) {
      // It has the blob, and knows no parts of it.
      discard(response);
      takesRanges = false;
      continue;
    }
    if (response.status !== 200 && response.status !== 206)
      throw await failureOf(response, blobSubject(repository, descriptor.digest));
    let skip: number;
    try {
      skip = overlapOf(response, descriptor, offset);
    } catch (error) {
      discard(response);
      throw error;
    }
    const tag = headerOf(response, 'etag');
    // A weak tag can't vouch for bytes (RFC 9110, 13.1.5).
    if (tag?.startsWith('"')) entityTag = tag;
    let broken: unknown;
    const body = response.body as AsyncIterable<Buffer>;
    const chunks = paced(body, client.transport.idleTimeout)[Symbol.asyncIterator]();
    try {
      for (;;) {
        // Only the connection's failures are caught here, not those of whoever takes the bytes.
        const next = await chunks.next().catch((error: unknown) => {
          broken = error;
          return undefined;
        });
        if (!next || next.done) break;
        const known = Math.min(skip, next.value.length);
        skip -= known;
        const chunk = next.value.subarray(known);
        if (chunk.length === 0) continue;
        offset += chunk.length;
        if (offset > descriptor.size)
          throw mismatch(descriptor, `more came than the ${descriptor.size} bytes of its descriptor`);
        yield chunk;
      }
    } finally {
      await chunks.return?.();
    }
    signal.throwIfAborted();
    if (offset === descriptor.size) return;
    if (offset - forgivenAt >= forgiving) {
      forgivenAt = offset;
      retries = createRetries(retry);
    }
    const wait = retries.next();
    if (wait === undefined) {
      throw new SlipwayError(
        'ERR_NETWORK',
        `the download of ${descriptor.digest} from ${response.url.host} broke off after ${offset} of ${descriptor.size} bytes`,
        { hint: 'check the network, and try again', cause: broken },
      );
    }
    await retry.sleep(wait, signal);
  }
}
