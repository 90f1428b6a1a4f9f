// `slipway pull`: images of a registry into the store, every byte checked, under the names that they were asked for by.
import { setMaxListeners } from 'node:events';
import { thisPlatform } from '../build/plan-build.ts';
import { withPullProgress } from '../build/pull-progress.ts';
import { openState, type State } from '../build/state.ts';
import type { CallOptions, EngineOptions } from '../engine.ts';
import { SlipwayError } from '../errors.ts';
import type { PulledImage, PullRequest } from '../image-request.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { RepositoryReader } from '../registry/mirrored-reader.ts';
import { createSlots } from '../solver/slots.ts';
import { traced, tracedStream } from '../trace.ts';
import { listTags } from './list-remote.ts';
import { blobsOfRemote, type RemoteImage, readRemoteImage } from './remote-image.ts';

const parallelBlobs = 4;

/** One after the other; an image that fails leaves the earlier ones there. What a digest asks for is named by its own. */
export async function pullImages(
  engine: EngineOptions,
  request: PullRequest,
  call: CallOptions,
): Promise<PulledImage[]> {
  const reference = parseReference(request.name);
  await using state = openState(engine);
  const repository = `${reference.registry}/${reference.repository}`;
  const remote = await state.registries.reader(repository);
  const pulled: PulledImage[] = [];
  for (const one of await wanted(engine, reference, { request, call }))
    pulled.push(await pullOne(state, { remote, reference: one, request, call }));
  return pulled;
}

async function wanted(
  engine: EngineOptions,
  reference: Reference,
  { request, call }: { request: PullRequest; call: CallOptions },
): Promise<Reference[]> {
  if (!request.allTags) return [reference];
  const hasTag = request.name.lastIndexOf(':') > request.name.lastIndexOf('/');
  if (hasTag || reference.digest) {
    throw new SlipwayError('ERR_USAGE', `all tags are wanted, and ${request.name} names one`, {
      hint: 'leave out the tag, or --all-tags',
    });
  }
  const { registry, repository } = reference;
  const tags = await listTags(engine, `${registry}/${repository}`, call);
  return tags.map((tag) => ({ registry, repository, tag }));
}

interface Pull {
  remote: RepositoryReader;
  reference: Reference;
  request: PullRequest;
  call: CallOptions;
}

async function pullOne(state: State, pull: Pull): Promise<PulledImage> {
  const { remote, reference, request, call } = pull;
  const { signal } = call;
  const platform = request.allPlatforms ? undefined : (request.platform ?? thisPlatform());
  const image = await traced('image', 'read manifests', () =>
    readRemoteImage(remote, reference, { platform, signal }),
  );
  const wasThere = await fetchBlobs(state, image, pull);
  for (const { descriptor, bytes } of [...image.manifests, ...image.indexes])
    await state.store.ingest([bytes], descriptor, signal);
  const { digest, mediaType, size } = image.top.descriptor;
  const descriptor = { mediaType, digest, size };
  const { tag: _, ...repository } = reference;
  const name = formatReference(reference.digest ? { ...repository, digest } : reference);
  const had = state.images.resolve(name);
  await state.images.tag(name, descriptor);
  const isNew = had?.digest !== digest && (reference.digest === undefined || !wasThere);
  return { name: image.name, resolved: image.resolved, descriptor, isNew };
}

/** Whether all were there before. */
async function fetchBlobs(state: State, image: RemoteImage, { remote, call }: Pull): Promise<boolean> {
  const stop = new AbortController();
  const signal = AbortSignal.any([call.signal, stop.signal]);
  setMaxListeners(0, signal);
  const { onEvent } = call;
  const { blob: open } = withPullProgress(
    {
      name: image.name,
      blob: (blob, own) =>
        tracedStream('pull', 'download', remote.openBlob(blob, own), { digest: blob.digest }),
    },
    { onEvent, now: Date.now },
  );
  const slots = createSlots(parallelBlobs);
  let wasThere = true;
  const settled = await Promise.allSettled(
    blobsOfRemote(image).map(async (blob) => {
      try {
        using _slot = await slots.take(signal);
        if (await state.store.info(blob.digest)) return;
        wasThere = false;
        await state.store.ingest(open(blob, signal), { digest: blob.digest, size: blob.size }, signal);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw stop.signal.reason ?? failed.reason;
  return wasThere;
}
