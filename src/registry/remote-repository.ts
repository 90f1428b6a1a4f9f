// One repository of a registry for those who push to it or keep things there: the least requests that do it, each blob once.
import { SlipwayError } from '../errors.ts';
import { untilAborted } from '../fs/until-aborted.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { manifestLimit } from '../oci/manifest.ts';
import type { OutgoingBlob, RemoteRepository } from '../seams.ts';
import { streamBlob } from './blob-stream.ts';
import {
  failureOf,
  isHeadRefused,
  manifestTypes,
  type RegistryCall,
  type RegistryClient,
  type Repository,
} from './client.ts';
import { failure } from './failure.ts';
import { discard, failureLimit, type HttpAnswer, headerOf } from './http.ts';
import { refuseWebPage } from './image-document.ts';
import { uploadBlob } from './upload.ts';
import {
  beginUpload,
  cancelUpload,
  pushActions,
  tryMount,
  type UploadSession,
  uploadSubject,
} from './upload-session.ts';

/** What a registry has, besides what the seam wants of it. */
export interface RegistryRepository extends RemoteRepository {
  /** Asks without reading it; undefined where there is none. */
  manifestDigest(reference: string, signal: AbortSignal): Promise<Digest | undefined>;
}

type Pushed = 'present' | 'mounted' | 'uploaded';

/** So many other repositories are asked for a blob. */
const mountLimit = 2;

/** Names of repositories of the same registry, without the registry. */
function mountSources(blob: OutgoingBlob, { registry, repository }: Repository): string[] {
  const own = (blob.mountFrom ?? []).flatMap((name) =>
    name.startsWith(`${registry}/`) ? [name.slice(registry.length + 1)] : [],
  );
  return [...new Set(own)].filter((name) => name !== repository).slice(0, mountLimit);
}

export function createRemoteRepository(client: RegistryClient, repository: Repository): RegistryRepository {
  const writer: Repository = { ...repository, actions: pushActions };
  const name = `${repository.registry}/${repository.repository}`;
  /** Blobs that are on their way or there. */
  const pushed = new Map<Digest, Promise<Pushed>>();
  /** The registry was asked for a mount and did not do it: it is likely not to do the next one, either. */
  let mountsRefused = false;
  let mayPush = false;

  async function mount(
    blob: OutgoingBlob,
    sources: readonly string[],
    signal: AbortSignal,
  ): Promise<true | UploadSession | undefined> {
    let open: UploadSession | undefined;
    for (const from of sources) {
      const outcome = await tryMount(client, writer, { digest: blob.descriptor.digest, from, signal });
      if (outcome === true) {
        if (open) await cancelUpload(client, writer, { session: open, signal });
        return true;
      }
      if (outcome && open) await cancelUpload(client, writer, { session: outcome, signal });
      else open = outcome;
    }
    mountsRefused = true;
    return open;
  }

  async function push(blob: OutgoingBlob, signal: AbortSignal): Promise<Pushed> {
    const { digest } = blob.descriptor;
    const sources = mountSources(blob, repository);
    // A mount is one request, also where the blob is there; so is the question whether it is.
    const asksFirst = sources.length === 0 || mountsRefused;
    if (asksFirst && (await client.blobExists(writer, digest, signal))) return 'present';
    const session = sources.length > 0 ? await mount(blob, sources, signal) : undefined;
    if (session === true) return 'mounted';
    if (!asksFirst && (await client.blobExists(writer, digest, signal))) {
      if (session) await cancelUpload(client, writer, { session, signal });
      return 'present';
    }
    await uploadBlob(blob, session, { client, repository: writer, signal });
    return 'uploaded';
  }

  async function askManifest(reference: string, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const call: RegistryCall = {
      method: 'GET',
      path: `manifests/${reference}`,
      headers: { accept: `${manifestTypes}, */*;q=0.5` },
    };
    const answer = await client.read(repository, { ...call, limit: manifestLimit }, signal);
    if (answer.status === 200) return answer;
    if (answer.status === 404 && !answer.foreign) return undefined;
    throw failure(answer, manifestSubject(reference));
  }

  const manifestSubject = (reference: string) => ({
    registry: repository.registry,
    what: `the manifest of ${name}${isDigest(reference) ? '@' : ':'}${reference}`,
    absent: 'ERR_IMAGE_NOT_FOUND' as const,
  });

  return {
    name,
    async checkPush(signal) {
      if (mayPush) return;
      const session = await beginUpload(client, writer, signal);
      mayPush = true;
      await cancelUpload(client, writer, { session, signal });
    },
    blobExists: (digest, signal) => client.blobExists(repository, digest, signal),
    async pushBlob(blob, signal) {
      const { digest } = blob.descriptor;
      for (let known = pushed.get(digest); known; known = pushed.get(digest)) {
        // Another's failure may have been another's abort: it is tried again.
        const isThere = await untilAborted(
          known.then(
            () => true,
            () => false,
          ),
          signal,
        );
        if (isThere) return 'present';
        if (pushed.get(digest) === known) pushed.delete(digest);
      }
      signal.throwIfAborted();
      const own = push(blob, signal);
      pushed.set(digest, own);
      try {
        return await own;
      } catch (error) {
        if (pushed.get(digest) === own) pushed.delete(digest);
        throw error;
      }
    },
    async pushManifest({ bytes, mediaType, tag }, signal) {
      const digest = digestOf(bytes);
      const call: RegistryCall = {
        method: 'PUT',
        path: `manifests/${tag ?? digest}`,
        headers: { 'content-type': mediaType },
        body: bytes,
        actions: pushActions,
      };
      const answer = await client.read(writer, { ...call, limit: failureLimit }, signal);
      const what = `the manifest of ${name}${tag === undefined ? `@${digest}` : `:${tag}`}`;
      if (answer.status < 200 || answer.status >= 300) throw failure(answer, uploadSubject(repository, what));
      const said = headerOf(answer, 'docker-content-digest') ?? '';
      if (isDigest(said) && said !== digest && !answer.foreign) {
        throw new SlipwayError(
          'ERR_DIGEST_MISMATCH',
          `${what} was stored as ${said} where ${digest} was sent`,
          {
            hint: 'the registry or a proxy on the way changes manifests',
          },
        );
      }
      return { mediaType, digest, size: bytes.length };
    },
    async readManifest(reference, signal) {
      const answer = await askManifest(reference, signal);
      if (!answer) return undefined;
      refuseWebPage(answer, `${name}${isDigest(reference) ? '@' : ':'}${reference}`);
      const { bytes, truncated } = answer;
      const digest = digestOf(bytes);
      const said = headerOf(answer, 'docker-content-digest') ?? '';
      const wanted = isDigest(reference) ? reference : isDigest(said) && !answer.foreign ? said : digest;
      if (truncated || digest !== wanted) {
        throw new SlipwayError(
          'ERR_DIGEST_MISMATCH',
          `${manifestSubject(reference).what} is not what it should be: ${truncated ? `more than ${manifestLimit} bytes came` : `${digest} came, ${wanted} is right`}`,
          { hint: 'the registry or a proxy on the way serves wrong content' },
        );
      }
      const mediaType = (headerOf(answer, 'content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
      return { bytes, mediaType, digest };
    },
    async manifestDigest(reference, signal) {
      const headers = { accept: `${manifestTypes}, */*;q=0.5` };
      const call: RegistryCall = { method: 'HEAD', path: `manifests/${reference}`, headers };
      const response = await client.send(writer, call, signal);
      const isRefused = isHeadRefused(response);
      if (response.status !== 200 && response.status !== 404 && !isRefused)
        throw await failureOf(response, {
          ...manifestSubject(reference),
          pushTo: repository.repository,
        });
      discard(response);
      if (response.status === 404 && !isRefused) return undefined;
      const said = headerOf(response, 'docker-content-digest') ?? '';
      if (!isRefused && isDigest(said)) return said;
      return isDigest(reference) && !isRefused
        ? reference
        : await askManifest(reference, signal).then((answer) => answer && digestOf(answer.bytes));
    },
    openBlob: (descriptor: Descriptor, signal) => streamBlob(client, repository, { descriptor, signal }),
  };
}
