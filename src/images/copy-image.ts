// `slipway copy`: an image from one repository to another as it is, digests and all; nothing of it is stored here.
import { setMaxListeners } from 'node:events';
import { createPushProgress } from '../build/push-progress.ts';
import { createRegistries } from '../build/registries.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { CopyRequest, PushedImage } from '../image-request.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { RepositoryReader } from '../registry/mirrored-reader.ts';
import type { RegistryRepository } from '../registry/remote-repository.ts';
import { createSlots } from '../solver/slots.ts';
import { blobsOfRemote, type RemoteImage, readRemoteImage } from './remote-image.ts';

const parallelBlobs = 4;

/** @throws ERR_IMAGE_NOT_FOUND, ERR_BAD_IMAGE, ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_DIGEST_MISMATCH */
export async function copyImage(
  engine: EngineOptions,
  request: CopyRequest,
  call: CallOptions,
): Promise<PushedImage> {
  const from = parseReference(request.source);
  const to = parseReference(request.destination);
  const registries = createRegistries(engine);
  try {
    const source = await registries.reader(`${from.registry}/${from.repository}`);
    const target = await registries.repository(`${to.registry}/${to.repository}`);
    const image = await readRemoteImage(source, from, { platform: request.platform, signal: call.signal });
    const { descriptor } = image.top;
    if (to.digest !== undefined && to.digest !== descriptor.digest) {
      throw new SlipwayError('ERR_USAGE', `${request.source} is ${descriptor.digest}, not ${to.digest}`, {
        hint: 'leave out the digest of the destination, or give a tag',
      });
    }
    await copyRemoteImage(image, { source, target, tag: to.tag }, call);
    return { name: formatReference(to), descriptor };
  } finally {
    await registries.close();
  }
}

interface Copy {
  source: RepositoryReader;
  target: RegistryRepository;
  /** Undefined: by digest alone. */
  tag: string | undefined;
}

/** All of an image to another repository, what is listed before what lists it. */
export async function copyRemoteImage(image: RemoteImage, copy: Copy, call: CallOptions): Promise<void> {
  const { source, target, tag } = copy;
  const tags = tag === undefined ? [] : [tag];
  const progress = createPushProgress([{ name: target.name, registry: '', tags }], {
    onEvent: call.onEvent,
    now: Date.now,
  });
  const stop = new AbortController();
  const signal = AbortSignal.any([call.signal, stop.signal]);
  setMaxListeners(0, signal);
  const slots = createSlots(parallelBlobs);
  try {
    await Promise.all(
      blobsOfRemote(image).map(async (blob) => {
        using _slot = await slots.take(signal);
        await target.pushBlob(
          {
            descriptor: blob,
            mountFrom: [source.name],
            open: (opened) => progress.watch(blob, () => source.openBlob(blob, opened)),
          },
          signal,
        );
      }),
    );
    // What is listed goes before what lists it.
    const inner = [...image.manifests, ...image.indexes].filter(
      ({ descriptor }) => descriptor.digest !== image.top.descriptor.digest,
    );
    for (const { bytes, descriptor } of inner) {
      const { mediaType } = descriptor;
      await target.pushManifest({ bytes, mediaType }, signal);
      progress.manifest(`${target.name}@${descriptor.digest}`);
    }
    const { bytes, descriptor } = image.top;
    const { mediaType } = descriptor;
    await target.pushManifest({ bytes, mediaType, ...(tag === undefined ? {} : { tag }) }, signal);
    progress.manifest(`${target.name}${tag === undefined ? '' : `:${tag}`}@${descriptor.digest}`);
    progress.done();
  } catch (error) {
    stop.abort(error);
    progress.done(error);
    throw error;
  }
}
