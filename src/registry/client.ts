// The registry's HTTP API (distribution-spec): requests that log in by themselves, and the reads that a pull is made of.
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { manifestLimit } from '../oci/manifest.ts';
import { mediaType } from '../oci/media-type.ts';
import type { RegistrySettings } from '../registry-settings.ts';
import type { Authenticator } from './auth.ts';
import { failure, type Subject } from './failure.ts';
import type { Access } from './grants.ts';
import {
  discard,
  failureLimit,
  type HttpAnswer,
  type HttpHead,
  type HttpRequest,
  type HttpResponse,
} from './http.ts';
import { apiHost } from './origin.ts';
import type { Transport } from './transport.ts';

export interface Repository {
  /** `docker.io`. */
  registry: string;
  /** `library/busybox`; '' for the registry itself. */
  repository: string;
  /** The registry's certificate is not checked, and plain http will do. */
  insecure?: boolean;
  /** What must be allowed where a call does not say so; `['pull']` where undefined. */
  actions?: readonly Action[];
}

export type Action = 'pull' | 'push';

export interface RegistryCall {
  method: HttpRequest['method'];
  /** Below `/v2/NAME/`, or a whole URL that the registry gave. */
  path: string | URL;
  headers?: Record<string, string>;
  body?: HttpRequest['body'];
  /** What must be allowed; those of the repository where undefined. */
  actions?: readonly Action[];
  /** Of another repository, what must be allowed besides: `repository:team/base:pull`. */
  scope?: string;
  /** See HttpRequest. */
  once?: boolean;
  patience?: number;
}

export interface RegistryClient {
  readonly transport: Transport;
  readonly settings: RegistrySettings;
  /** Any answer, its body unread; a 401 is answered once. */
  send(repository: Repository, call: RegistryCall, signal: AbortSignal): Promise<HttpResponse>;
  /** Any answer with its body, of which at most `limit` bytes are read. */
  read(
    repository: Repository,
    call: RegistryCall & { limit: number },
    signal: AbortSignal,
  ): Promise<HttpAnswer>;
  /** A manifest or an index by tag or digest. @throws ERR_IMAGE_NOT_FOUND, ERR_UNAUTHORIZED, ERR_REGISTRY, ERR_NETWORK */
  manifest(
    repository: Repository,
    id: { reference: string; name: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer>;
  /** A small blob, unverified; never more than `limit` bytes. @throws ERR_BLOB_NOT_FOUND and as manifest(). */
  smallBlob(
    repository: Repository,
    blob: { descriptor: Descriptor; limit: number },
    signal: AbortSignal,
  ): Promise<HttpAnswer>;
  /** False also where the registry does not say. */
  blobExists(repository: Repository, digest: Digest, signal: AbortSignal): Promise<boolean>;
}

/** HEAD says nothing: it is not known there, or the answer is that of a storage whose URLs are signed for GET alone. */
export function isHeadRefused({ status, foreign }: HttpHead): boolean {
  return status === 405 || status === 501 || (foreign && status >= 400 && status < 500 && status !== 429);
}

export const manifestTypes = [
  mediaType.ociIndex,
  mediaType.ociManifest,
  mediaType.dockerIndex,
  mediaType.dockerManifest,
].join(', ');

/** The failure of a request whose body was not read yet. */
export async function failureOf(response: HttpResponse, subject: Subject): Promise<Error> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= failureLimit) break;
    }
  } catch {
    // The status says enough.
  }
  return failure({ ...response, bytes: Buffer.concat(chunks), truncated: false }, subject);
}

export function createRegistryClient(
  transport: Transport,
  auth: Authenticator,
  settings: RegistrySettings = {},
): RegistryClient {
  async function authorized<T extends HttpResponse | HttpAnswer>(
    repository: Repository,
    call: RegistryCall,
    exchange: { run(request: HttpRequest): Promise<T>; drop(answer: T): void; signal: AbortSignal },
  ): Promise<T> {
    const actions = (call.actions ?? repository.actions ?? ['pull']).join(',');
    const own = repository.repository === '' ? [] : [`repository:${repository.repository}:${actions}`];
    const access: Access = {
      registry: repository.registry,
      repository: repository.repository,
      scopes: call.scope === undefined ? own : [...own, call.scope],
    };
    const host = apiHost(repository.registry);
    const root = repository.repository === '' ? '/v2/' : `/v2/${repository.repository}/`;
    const { path } = call;
    // A URL that the registry gave may lead elsewhere, where the login is none of anybody's business.
    const isOwn = !(path instanceof URL) || path.host === new URL(`${path.protocol}//${host}`).host;
    const request = (authorization: string | undefined): HttpRequest => ({
      method: call.method,
      target: path instanceof URL ? path : { host, path: `${root}${path}` },
      headers: {
        'accept-encoding': 'identity',
        ...call.headers,
        ...(authorization ? { authorization } : {}),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.once ? { once: true } : {}),
      ...(call.patience === undefined ? {} : { patience: call.patience }),
      ...(repository.insecure ? { insecure: true } : {}),
    });
    if (!isOwn) return exchange.run(request(undefined));
    const { signal } = exchange;
    const header = await auth.header(access, signal);
    const first = await exchange.run(request(header));
    // A storage host that was redirected to has no say in who gets the login.
    if (first.status !== 401 || first.foreign || first.headers['www-authenticate'] === undefined)
      return first;
    exchange.drop(first);
    return exchange.run(request(await auth.answer(first, access, { refused: header, signal })));
  }

  const client: RegistryClient = {
    transport,
    settings,
    send: (repository, call, signal) =>
      authorized(repository, call, {
        run: (request) => transport.send(request, signal),
        drop: discard,
        signal,
      }),
    read: (repository, call, signal) =>
      authorized(repository, call, {
        run: (request) => transport.read(request, call.limit, signal),
        drop: () => undefined,
        signal,
      }),
    async manifest(repository, id, signal) {
      const path = `manifests/${id.reference}`;
      const headers = { accept: manifestTypes };
      const answer = await client.read(
        repository,
        { method: 'GET', path, headers, limit: manifestLimit },
        signal,
      );
      if (answer.status === 200) return answer;
      throw failure(answer, {
        registry: repository.registry,
        what: `the manifest of ${id.name}`,
        absent: 'ERR_IMAGE_NOT_FOUND',
      });
    },
    async smallBlob(repository, { descriptor, limit }, signal) {
      const path = `blobs/${descriptor.digest}`;
      const answer = await client.read(repository, { method: 'GET', path, limit }, signal);
      if (answer.status === 200) return answer;
      throw failure(answer, blobSubject(repository, descriptor.digest));
    },
    async blobExists(repository, digest, signal) {
      const response = await client.send(repository, { method: 'HEAD', path: `blobs/${digest}` }, signal);
      // Sending a blob once more does no harm, where it can't be asked for.
      if (response.status === 200 || response.status === 404 || isHeadRefused(response)) {
        discard(response);
        return response.status === 200;
      }
      const isWriter = repository.actions?.includes('push');
      const pushTo = isWriter ? { pushTo: repository.repository } : {};
      throw await failureOf(response, { ...blobSubject(repository, digest), ...pushTo });
    },
  };
  return client;
}

export function blobSubject(repository: Repository, digest: Digest): Subject {
  return {
    registry: repository.registry,
    what: `the blob ${digest} of ${repository.repository}`,
    absent: 'ERR_BLOB_NOT_FOUND',
  };
}
