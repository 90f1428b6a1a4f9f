// An upload that a registry has opened (distribution-spec, Push): beginning one, asking how far it is, giving it up.
import { SlipwayError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { type Action, failureOf, type RegistryCall, type RegistryClient, type Repository } from './client.ts';
import type { Subject } from './failure.ts';
import { discard, type HttpHead, type HttpResponse, headerOf } from './http.ts';
import { redactUrl } from './redact.ts';

export interface UploadSession {
  /** Where the next request goes; every answer may name another. */
  url: URL;
  /** Bytes that a chunk must have at least, the last one aside. */
  minChunk: number;
}

export const pushActions: readonly Action[] = ['pull', 'push'];

/** How failures name what is written. */
export function uploadSubject({ registry, repository }: Repository, what: string): Subject {
  return { registry, what, absent: 'ERR_REGISTRY', pushTo: repository };
}

/**
 * The URL that an answer's Location names. One that leads to the same host without TLS comes from a registry that does not
 * know what stands before it: it is asked with TLS, as it was.
 * @throws ERR_REGISTRY
 */
export function locationOf(answer: HttpHead): URL {
  const text = headerOf(answer, 'location');
  if (text === undefined || !URL.canParse(text, answer.url.href))
    throw new SlipwayError('ERR_REGISTRY', `${redactUrl(answer.url)} does not say where to upload to`);
  const url = new URL(text, answer.url.href);
  if (url.protocol === 'http:' && answer.url.protocol === 'https:' && url.host === answer.url.host)
    url.protocol = 'https:';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && answer.url.protocol === 'http:')) return url;
  throw new SlipwayError('ERR_REGISTRY', `${redactUrl(answer.url)} wants the upload at ${redactUrl(url)}`, {
    hint: 'nothing was sent there: it is not encrypted, or no web address',
  });
}

/** With a parameter more, the others left as the registry wrote them. */
export function withDigest(url: URL, digest: Digest): URL {
  const result = new URL(url);
  result.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return result;
}

/** Bytes that an answer says have arrived; undefined where it does not say. `0-0` stands for none, too. */
export function arrivedOf(answer: HttpHead): number | undefined {
  const range = /^(?:bytes=)?0-(\d{1,15})$/.exec(headerOf(answer, 'range')?.trim() ?? '');
  if (!range) return undefined;
  const last = Number(range[1]);
  return last === 0 ? 0 : last + 1;
}

function sessionOf(response: HttpResponse): UploadSession {
  const least = Number(headerOf(response, 'oci-chunk-min-length') ?? 0);
  return { url: locationOf(response), minChunk: Number.isSafeInteger(least) && least > 0 ? least : 0 };
}

/** @throws ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY */
export async function beginUpload(
  client: RegistryClient,
  repository: Repository,
  signal: AbortSignal,
): Promise<UploadSession> {
  const call: RegistryCall = { method: 'POST', path: 'blobs/uploads/', actions: pushActions };
  const response = await client.send(repository, call, signal);
  if (response.status !== 202) throw await failureOf(response, uploadSubject(repository, 'a blob'));
  discard(response);
  return sessionOf(response);
}

/**
 * Asks for a blob of another repository: `true` where it is mounted, the session that was opened instead, or undefined where
 * neither was done, which says nothing of uploads.
 */
export async function tryMount(
  client: RegistryClient,
  repository: Repository,
  blob: { digest: Digest; from: string; signal: AbortSignal },
): Promise<true | UploadSession | undefined> {
  const path = `blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=${encodeURIComponent(blob.from)}`;
  const scope = `repository:${blob.from}:pull`;
  let response: HttpResponse;
  try {
    const call: RegistryCall = { method: 'POST', path, actions: pushActions, scope };
    response = await client.send(repository, call, blob.signal);
  } catch (error) {
    // Who may not read the other repository may still write to this one.
    if (error instanceof SlipwayError && error.code === 'ERR_UNAUTHORIZED') return undefined;
    throw error;
  }
  discard(response);
  if (response.status === 201) return true;
  return response.status === 202 ? sessionOf(response) : undefined;
}

/** How far a session is; undefined where the registry does not know, or does not say. */
export async function askProgress(
  client: RegistryClient,
  repository: Repository,
  { session, signal }: { session: UploadSession; signal: AbortSignal },
): Promise<{ session: UploadSession; arrived: number } | undefined> {
  const call: RegistryCall = { method: 'GET', path: session.url, actions: pushActions };
  const response = await client.send(repository, call, signal);
  discard(response);
  const arrived = arrivedOf(response);
  if (response.status !== 204 || arrived === undefined) return undefined;
  const moved = headerOf(response, 'location') !== undefined;
  return { session: { ...session, url: moved ? locationOf(response) : session.url }, arrived };
}

/** Leaves nothing behind, as far as the registry lets that be done: it forgets a session by itself, in days. */
export async function cancelUpload(
  client: RegistryClient,
  repository: Repository,
  { session, signal }: { session: UploadSession; signal: AbortSignal },
): Promise<void> {
  try {
    const call: RegistryCall = { method: 'DELETE', path: session.url, actions: pushActions, once: true };
    discard(await client.send(repository, call, signal));
  } catch {
    signal.throwIfAborted();
  }
}
