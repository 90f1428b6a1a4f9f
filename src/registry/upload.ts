// A blob's way into a registry: whole or in chunks, going on where it broke off if the registry can, else from the start.
import { SlipwayError } from '../errors.ts';
import { isDigest } from '../oci/digest.ts';
import type { OutgoingBlob } from '../seams.ts';
import { type BlobReader, createBlobReader } from './blob-reader.ts';
import { failureOf, type RegistryCall, type RegistryClient, type Repository } from './client.ts';
import { failure, failureWords } from './failure.ts';
import { hostSettings } from './host-settings.ts';
import { discard, type HttpResponse, headerOf, readFailure } from './http.ts';
import { NetworkError } from './network-error.ts';
import { createRetries, isRetryableStatus, parseRetryAfter, type Retries } from './retry.ts';
import {
  arrivedOf,
  askProgress,
  beginUpload,
  cancelUpload,
  locationOf,
  pushActions,
  type UploadSession,
  uploadSubject,
  withDigest,
} from './upload-session.ts';

/** Larger blobs go in chunks: what has arrived of them is worth keeping, and proxies refuse large bodies. */
const largeBlob = 128 << 20;
const largeChunk = 64 << 20;
/** Where larger bodies are refused. */
const smallChunk = 8 << 20;
/** Progress after which earlier failures are forgiven. */
const forgiving = 4 << 20;
/** So many times the usual patience: a registry may copy a large blob before it answers. */
const commitPatience = 5;

export interface UploadParts {
  client: RegistryClient;
  repository: Repository;
  signal: AbortSignal;
}

interface Upload extends UploadParts {
  blob: OutgoingBlob;
  session: UploadSession | undefined;
  /** Bytes that have arrived. */
  offset: number;
  /** Undefined: the whole blob in one request. */
  chunk: number | undefined;
  /** What was refused of the ways to send it, so that none is tried twice. */
  refused: Set<'whole' | 'chunks' | 'resuming'>;
  /** Whether the session may hold what an exchange left that broke. */
  resumed: boolean;
  retries: Retries;
  /** The offset at which the last failure was. */
  failedAt: number;
}

type Outcome =
  /** The blob is there, or there is more to send. */
  | { type: 'done' | 'more' }
  /** The session is of no use any more: from the start, in the way that the upload says now. */
  | { type: 'anew' }
  /** Something that may mend; `gone`: the session is of no use any more. */
  | { type: 'broken'; error: Error; wait?: number | undefined; gone?: boolean };

/**
 * Sends a blob that is not there, over a session that is open or a new one.
 * @throws ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH (what arrived is not the blob), and what opening it throws
 */
export async function uploadBlob(
  blob: OutgoingBlob,
  opened: UploadSession | undefined,
  parts: UploadParts,
): Promise<void> {
  const { client, repository, signal } = parts;
  using reader = createBlobReader(blob, signal);
  const { size } = blob.descriptor;
  const { chunkSize } = hostSettings(client.settings, repository.registry);
  const upload: Upload = {
    ...parts,
    blob,
    session: opened,
    offset: 0,
    chunk: size > (chunkSize ?? largeBlob) ? (chunkSize ?? largeChunk) : undefined,
    refused: new Set(),
    resumed: false,
    retries: createRetries(client.transport.retry),
    failedAt: 0,
  };
  try {
    for (;;) {
      upload.session ??= await beginUpload(client, repository, signal);
      const outcome = await attempt(upload, reader);
      if (outcome.type === 'done') return;
      if (outcome.type === 'anew') await startOver(upload);
      if (outcome.type === 'broken' && !(await recover(upload, outcome))) return;
    }
  } catch (error) {
    // Whoever aborts does not wait for it: the registry forgets the session by itself.
    if (upload.session && !signal.aborted)
      await cancelUpload(client, repository, { session: upload.session, signal });
    throw error;
  }
}

/** One request: the whole blob, the next part of it, or the word that it is complete. */
async function attempt(upload: Upload, reader: BlobReader): Promise<Outcome> {
  const { client, repository, signal, offset, chunk } = upload;
  const { digest, size } = upload.blob.descriptor;
  const session = upload.session!;
  const isWhole = chunk === undefined && offset === 0;
  const isLast = isWhole || offset === size;
  const length = isLast ? size : Math.min(Math.max(chunk ?? size, session.minChunk), size - offset);
  const sent = isWhole ? size : isLast ? 0 : length;
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
  if (!isLast) headers['content-range'] = `${offset}-${offset + length - 1}`;
  const call: RegistryCall = {
    method: isLast ? 'PUT' : 'PATCH',
    path: isLast ? withDigest(session.url, digest) : session.url,
    headers,
    actions: pushActions,
    once: true,
    ...(sent > 0 ? { body: reader.range(offset, sent) } : {}),
    ...(isLast && (sent === 0 || size > largeBlob)
      ? { patience: client.transport.idleTimeout * commitPatience }
      : {}),
  };
  let response: HttpResponse;
  try {
    response = await client.send(repository, call, signal);
  } catch (error) {
    // The content may come over a network, too, where all was tried by now.
    const isOfSource = reader.failed();
    if (error instanceof NetworkError && error.transient && !isOfSource) return { type: 'broken', error };
    throw error;
  }
  if (response.status >= 300) return refusal(upload, response, { isLast, isWhole });
  discard(response);
  if (isLast) return committed(upload, response);
  return advanced(upload, response, offset + length);
}

/** A blob that the registry took: it may say which one. */
function committed({ blob, repository }: Upload, response: HttpResponse): Outcome {
  const said = headerOf(response, 'docker-content-digest') ?? '';
  const { digest } = blob.descriptor;
  if (!isDigest(said) || said === digest || response.foreign) return { type: 'done' };
  throw new SlipwayError(
    'ERR_DIGEST_MISMATCH',
    `${repository.registry} stored ${said} where ${digest} was sent`,
    { hint: 'the registry or a proxy on the way changes what is sent' },
  );
}

/** A part that arrived, or as much of it as the registry says. */
function advanced(upload: Upload, response: HttpResponse, end: number): Outcome {
  const arrived = arrivedOf(response) ?? end;
  const { session, offset } = upload;
  if (headerOf(response, 'location') !== undefined)
    upload.session = { ...session!, url: locationOf(response) };
  if (arrived > end || arrived <= offset) {
    const error = new SlipwayError(
      'ERR_REGISTRY',
      `${upload.repository.registry} says that ${arrived} bytes of a blob arrived where ${end} were sent`,
    );
    return { type: 'broken', error, gone: true };
  }
  upload.offset = arrived;
  return { type: 'more' };
}

async function refusal(
  upload: Upload,
  response: HttpResponse,
  { isLast, isWhole }: { isLast: boolean; isWhole: boolean },
): Promise<Outcome> {
  const { blob, repository, refused, chunk } = upload;
  const { status } = response;
  const subject = uploadSubject(repository, `the blob ${blob.descriptor.digest}`);
  if (isRetryableStatus(status)) {
    const { now } = upload.client.transport.retry;
    const wait = parseRetryAfter(headerOf(response, 'retry-after'), now());
    return { type: 'broken', error: await failureOf(response, subject), wait };
  }
  // Too large for somebody on the way.
  if (status === 413 && (chunk ?? Number.POSITIVE_INFINITY) > smallChunk && !refused.has('chunks')) {
    discard(response);
    refused.add('whole');
    upload.chunk = smallChunk;
    return { type: 'anew' };
  }
  const answer = await readFailure(response);
  if (status === 401 || status === 403) throw failure(answer, subject);
  const error = failure(answer, subject);
  // Some take no chunks at all, or none of this size, and have no common word for it.
  if (!isLast && upload.offset === 0 && !refused.has('whole')) {
    refused.add('chunks');
    upload.chunk = undefined;
    return { type: 'anew' };
  }
  // The registry knows nothing of the session, or of how far it is.
  if (status === 404 || status === 416) return { type: 'broken', error, gone: status === 404 };
  if (upload.resumed) {
    refused.add('resuming');
    return { type: 'anew' };
  }
  const { codes, text } = failureWords(answer);
  if (!codes.includes('DIGEST_INVALID') && !(isWhole && codes.includes('SIZE_INVALID'))) throw error;
  throw new SlipwayError(
    'ERR_DIGEST_MISMATCH',
    `${repository.registry} did not get the blob ${blob.descriptor.digest} as it should be: ${text}`,
    { hint: 'the content is not what its digest says, or a proxy on the way changes it', cause: error },
  );
}

async function startOver(upload: Upload): Promise<void> {
  const { client, repository, session, signal } = upload;
  if (session) await cancelUpload(client, repository, { session, signal });
  Object.assign(upload, { session: undefined, offset: 0, resumed: false });
}

/**
 * Waits, and finds out how far the upload is. False where the blob is there after all: its registry took it, and only the
 * answer was lost.
 */
async function recover(
  upload: Upload,
  { error, wait, gone }: Outcome & { type: 'broken' },
): Promise<boolean> {
  const { client, repository, signal, session, refused, offset } = upload;
  const { retry } = client.transport;
  if (offset - upload.failedAt >= forgiving) upload.retries = createRetries(retry);
  upload.failedAt = offset;
  const ms = upload.retries.next(wait);
  if (ms === undefined) throw error;
  await retry.sleep(ms, signal);
  const known =
    session && !gone && !refused.has('resuming')
      ? await askProgress(client, repository, { session, signal })
      : undefined;
  const { digest, size } = upload.blob.descriptor;
  if (known && known.arrived <= size && known.arrived >= offset) {
    Object.assign(upload, { session: known.session, offset: known.arrived, resumed: true });
    return true;
  }
  Object.assign(upload, { session: undefined, offset: 0, resumed: false });
  return !(await client.blobExists({ ...repository, actions: pushActions }, digest, signal));
}
